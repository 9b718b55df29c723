import { expect, test } from 'vitest';
import { playMany } from './histories/play-many.ts';

// Always the same, so that it fails for what was changed. `node tests/histories/run.ts` plays others, and more.
const SEED = 21;

test(
  'what a run calls up to date is what a run from nothing makes, after any history',
  { timeout: 600_000 },
  async () => {
    const { isGood, text } = await playMany({ histories: 30, seed: SEED, together: 30 });
    expect(isGood, text).toBe(true);
  },
);
