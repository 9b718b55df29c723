import { daily, weekly } from '@nx-assets/core';

const MARCH = { start: '2026-03-01', end: '2026-04-01' };

/** March 2026. Without an `end` there would be a new day every day. */
export const days = daily(MARCH);
export const weeks = weekly(MARCH);
