import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL, referenceWorkspace } from './support/reference.ts';
import { timesOf } from './support/thorough.ts';

/** How often the run is killed. `KILLS=200 npx vitest run --project front-door kill` takes its time. */
const KILLS = timesOf('KILLS', 4, 8);

interface SomeRecord {
  readonly key: string;
  readonly actionKey: string;
  readonly dataVersion: string;
  readonly value: { readonly path: string };
}

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = referenceWorkspace();
});
afterAll(() => workspace.dispose());

/** Every record on disk, each checked against the bytes that it speaks of. */
function records(): SomeRecord[] {
  const root = join(workspace.root, 'output');
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.record.json') && !path.includes('.tmp-'))
    .map((path) => {
      const record = JSON.parse(readFileSync(join(root, path), 'utf8')) as SomeRecord;
      const bytes = readFileSync(join(workspace.root, record.value.path));
      expect(createHash('sha256').update(bytes).digest('hex'), record.key).toBe(record.dataVersion);
      return record;
    });
}

test(
  `a run killed at any moment leaves no torn file and no false record, and the next run goes on (${KILLS} times)`,
  { timeout: 60_000 * KILLS },
  async () => {
    const started = performance.now();
    expect((await workspace.materialize()).ran).toEqual(ALL);
    const whole = performance.now() - started;
    let killedMidway = 0;
    for (let round = 0; round < KILLS; round++) {
      // Nx's database stays: killed in the milliseconds in which it makes one, Nx fails until `nx reset`.
      workspace.remove('output').remove('.nx/cache');
      let timer: NodeJS.Timeout | undefined;
      await workspace.nx(['run-many', '-t', 'materialize'], {
        onStart: (pid) => {
          const delay = whole * (0.2 + (0.75 * (round + Math.random())) / KILLS);
          timer = setTimeout(() => process.kill(-pid, 'SIGKILL'), delay);
        },
      });
      clearTimeout(timer);
      const finished = new Set(records().map(({ key }) => key.split('/')[1]));
      if (finished.size > 0 && finished.size < ALL.length) killedMidway++;
      const next = await workspace.materialize();
      expect(next.code, next.output).toBe(0);
      expect(next.ran, 'finished steps are not repeated').toEqual(ALL.filter((name) => !finished.has(name)));
      expect(records()).toHaveLength(ALL.length);
      const leftovers = readdirSync(join(workspace.root, 'output'), { recursive: true, encoding: 'utf8' });
      expect(leftovers.filter((path) => path.includes('.tmp-'))).toEqual([]);
    }
    expect(killedMidway, 'kills that hit the middle of the work').toBeGreaterThan(0);
  },
);
