export * from '@kite/protocol';
export * from '@kite/raw';

export type { AttemptOptions } from './attempt.js';
export { backoffDelay, type BackoffOptions } from './backoff.js';
export { resolveChannelOptions, type ResolvedChannelOptions } from './channel-options.js';
export { ChannelId } from './channel-id.js';
export type { Channel, ChannelOptions, RawChannelOptions } from './channel.js';
export { systemClock, type Clock, type TimerHandle } from './clock.js';
export { processSlots, uncountedSlots, type ConnectionSlots, type ReleaseSlot } from './connection-slots.js';
export { Connection, type ConnectionListener, type ConnectionOptions } from './connection.js';
export type { FrameConsumer, MessageConsumer } from './consumer.js';
export type { AccessToken } from './credentials.js';
export { Deadline } from './deadline.js';
export { begunAfter, deferred, promised, type Deferred } from './deferred.js';
export type { DiagnosticEvents } from './diagnostics.js';
export { DEFAULT_URL, Endpoint } from './endpoint.js';
export { CONNECTION_ERRORS, type ConnectionErrorCode } from './error-codes.js';
export { assertListener, TICKER_EVENTS } from './event-types.js';
export type { Gap } from './gap.js';
export { Hub, type HubOptions, type TickerEvents } from './hub.js';
export { listenerFailed, Listeners, type EventName } from './listeners.js';
export {
  INITIAL_STATE,
  transition,
  type AttemptEnd,
  type AttemptOutcome,
  type MachineEffect,
  type MachineEvent,
  type MachinePolicy,
  type MachineState,
  type TickerState,
  type Transition,
} from './machine.js';
export { MessageChannelConsumer, type ConsumerContext } from './message-consumer.js';
export type {
  Lag,
  LaggedMessage,
  RawFrame,
  RawTick,
  TickBatch,
  TickerMessage,
  TicksMessage,
} from './message.js';
export {
  checkCredentials,
  checkNewCredentials,
  CONNECTION_DEFAULTS,
  CONNECTION_RULES,
  CREDENTIAL_RULES,
  resolveConnectionConfig,
  type ConnectionConfig,
  type CredentialOptions,
  type ResolvedConnectionConfig,
  type TickerOptions,
} from './options.js';
export { assertDecoding, Outlets, type OutletConfig } from './outlets.js';
export { systemRandom, type RandomSource } from './random.js';
export { safeCause } from './safe-cause.js';
export { SlotHolder } from './slot-holder.js';
export type { ConnectionStats } from './stats.js';
export { notSubscribed, SubscriptionBook } from './subscription-book.js';
export { KiteTicker } from './ticker.js';
export { Timer } from './timer.js';
export type { SocketEnd, SocketListener, Transport, TransportRequest, TransportSocket } from './transport.js';
export { wsTransport } from './ws-transport.js';
