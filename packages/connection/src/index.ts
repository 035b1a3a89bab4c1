export * from '@kite/protocol';
export * from '@kite/raw';

export type { AttemptOptions } from './socket/attempt.js';
export { backoffDelay, type BackoffOptions } from './socket/backoff.js';
export { resolveChannelOptions, type ResolvedChannelOptions } from './channel/channel-options.js';
export { ChannelId } from './feed/channel-id.js';
export type { Channel, ChannelOptions, RawChannelOptions } from './channel/channel.js';
export { systemClock, type Clock, type TimerHandle } from './clock.js';
export { processSlots, uncountedSlots, type ConnectionSlots, type ReleaseSlot } from './socket/connection-slots.js';
export { Connection, type ConnectionListener, type ConnectionOptions } from './socket/connection.js';
export type { FrameConsumer, MessageConsumer } from './feed/consumer.js';
export type { AccessToken } from './socket/credentials.js';
export { Deadline } from './deadline.js';
export { begunAfter, deferred, promised, type Deferred } from './deferred.js';
export type { DiagnosticEvents } from './feed/diagnostics.js';
export { DEFAULT_URL, Endpoint } from './socket/endpoint.js';
export { CONNECTION_ERRORS, type ConnectionErrorCode } from './error-codes.js';
export { assertListener, TICKER_EVENTS, type TickerEvents } from './feed/events.js';
export type { Gap } from './feed/gap.js';
export { Hub, type HubOptions } from './feed/hub.js';
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
} from './socket/machine.js';
export { MessageChannelConsumer, type ConsumerContext } from './channel/message-consumer.js';
export type {
  Lag,
  LaggedMessage,
  RawFrame,
  RawTick,
  TickBatch,
  TickerMessage,
  TicksMessage,
} from './feed/message.js';
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
export { assertDecoding, Outlets, type OutletConfig } from './channel/outlets.js';
export { systemRandom, type RandomSource } from './random.js';
export { safeCause } from './safe-cause.js';
export { SlotHolder } from './socket/slot-holder.js';
export type { ConnectionStats } from './feed/stats.js';
export { notSubscribed, Subscriptions } from './socket/subscriptions.js';
export { KiteTicker } from './ticker.js';
export { Timer } from './timer.js';
export type { SocketEnd, SocketListener, Transport, TransportRequest, TransportSocket } from './socket/transport.js';
export { wsTransport } from './socket/ws-transport.js';
