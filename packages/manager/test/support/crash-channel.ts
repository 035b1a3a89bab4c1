export const CRASH_CHANNEL = 'kite-test:crash';
