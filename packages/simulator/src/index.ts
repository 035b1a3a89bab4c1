export { systemClock } from './clock.js';
export { type LoggedRequest, type SimulatedConnection } from './connection.js';
export type { SimulateDayOptions } from './day-options.js';
export { SIMULATOR_ERRORS } from './error-codes.js';
export type { SimulatorEvents } from './events.js';
export type { Instrument, InstrumentDefinition } from './market/instrument.js';
export type { PartialTick } from './market/partial-tick.js';
export type { PlayOptions } from './market/player.js';
export type { DayCalendar } from './market/venues.js';
export type { SimulatorOptions } from './options.js';
export type { RandomSource } from './random.js';
export type { Recorded, RecordedGap } from './recording/format.js';
export { readRecording, type ReadRecordingOptions, type RecordingSource } from './recording/reader.js';
export type { ReplayOptions, ReplaySummary } from './recording/replay.js';
export { type RecordableFrame, RecordingWriter } from './recording/writer.js';
export type { ScenarioName } from './scenario-name.js';
export type { AccountOptions, Sampling } from './server/account.js';
export type { ClientRequest } from './server/client-request.js';
export type { Handshake } from './server/handshake.js';
export type { ConnectionSelector } from './server/selector.js';
export type { SentTick } from './server/sent-log.js';
export type { SessionCounters } from './server/session.js';
export { simulateDay } from './simulate-day.js';
export { type Simulator, startSimulator } from './simulator.js';
export type { Login } from './virtual/access-tokens.js';
export type { NetworkOptions } from './virtual/delay.js';
export { drawFaults, type FaultSpec } from './virtual/draw-faults.js';
export type { Fault, FaultAction, FaultKind, FaultPlan, FaultTarget } from './virtual/fault.js';
export type {
  SocketEnd,
  SocketListener,
  TransportRequest,
  TransportSocket,
  VirtualTransport,
} from './virtual/transport.js';
export type { DayTrace, PendingWork, VirtualDay, VirtualDayOptions } from './virtual-day.js';
export { MarketCalendar } from '@kite/calendar';
export type { Clock } from '@kite/protocol';
