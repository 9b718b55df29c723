import type { NewTick, Tick } from './automation.ts';

/** Whether a tick came to the same as the last one of its name: then both are one. */
export const isRepeated = (
  last: Pick<Tick, 'outcome' | 'because'>,
  { outcome, because, request }: NewTick,
): boolean => last.outcome === outcome && last.because === because && request === null;
