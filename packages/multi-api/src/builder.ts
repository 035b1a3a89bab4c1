import type { AccessToken } from '@kite/connection';
import type { OptionBuilder } from '@kite/manager';

import {
  type AccountOptions,
  MULTI_API_RULES,
  type MultiApiConfig,
  type MultiApiOptions,
} from './options.js';
import { optionBuilder } from './parts.js';

interface AddsAccounts<Manager> {
  /** Adds an account, under an id of your choice. */
  addApiKey(id: string, apiKey: string, accessToken: AccessToken): BuilderOf<Manager>;
}

/** A setter for each option, `addApiKey`, and `build`. */
export type BuilderOf<Manager> = OptionBuilder<MultiApiConfig, Manager, AddsAccounts<Manager>>;

/** A builder of what `create` makes. */
export function multiApiBuilder<Manager>(create: (options: MultiApiOptions) => Manager): BuilderOf<Manager> {
  const accounts: AccountOptions[] = [];
  const options = Object.keys(MULTI_API_RULES) as (keyof MultiApiConfig & string)[];
  const setters = optionBuilder(options, (config: MultiApiConfig) => create({ ...config, accounts }));
  const builder: BuilderOf<Manager> = Object.assign(setters, {
    addApiKey: (id: string, apiKey: string, accessToken: AccessToken) => {
      accounts.push({ id, apiKey, accessToken });
      return builder;
    },
  }) as unknown as BuilderOf<Manager>;
  return builder;
}
