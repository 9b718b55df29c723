import type { PlannedStep } from '@nx-assets/engine';
import type { TestWorkspace } from '@nx-assets/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { thorough } from './support/thorough.ts';
import { referenceWorkspace } from './support/reference.ts';

interface Plan {
  readonly version: number;
  readonly steps: readonly (PlannedStep & { readonly milliseconds: number | null })[];
}

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = referenceWorkspace();
  expect((await workspace.materialize()).code).toBe(0);
}, 60_000);
afterAll(() => workspace.dispose());

const command = (...args: readonly string[]) => workspace.command(args);
async function planOf(...args: readonly string[]): Promise<Plan> {
  const { stdout, code, output } = await command('plan', '--json', ...args);
  expect(code, output).toBe(0);
  return JSON.parse(stdout) as Plan;
}
const busy = (plan: Plan) => plan.steps.filter(({ action }) => action !== 'keep');

describe('a plan', () => {
  test('of a workspace that is up to date is empty, and nx is not started', async () => {
    expect(busy(await planOf())).toEqual([]);
    const { output, code } = await command('materialize');
    expect(output).toMatch(/^17 assets: all up to date, in \d+ ms\n$/);
    expect(code).toBe(0);
    expect((await command('plan', '--exit-code')).code).toBe(0);
  });

  test('has what an asset needs, and nothing else', async () => {
    const { steps } = await planOf('users_csv');
    expect(steps.map(({ key }) => key)).toEqual([
      'sources/api_users_raw',
      'transforms/users_cleaned',
      'exports/users_csv',
    ]);
  });

  test('says what would run, what it depends on, and touches nothing', async () => {
    const file = 'packages/transforms/src/users_cleaned.ts';
    const good = workspace.read(file);
    workspace.edit(file, (code) => `${code}// a comment\n`);
    const plan = await planOf();
    expect(busy(plan).map(({ key, action }) => [key, action])).toEqual([
      ['transforms/users_cleaned', 'run'],
      ['analytics/user_activity_stats', 'undecided'],
      ['exports/users_csv', 'undecided'],
      ['transforms/posts_with_user_info', 'undecided'],
      ['analytics/data_summary', 'undecided'],
      ['analytics/top_authors', 'undecided'],
      ['exports/posts_enriched_csv', 'undecided'],
      ['exports/user_stats_csv', 'undecided'],
      ['exports/top_authors_csv', 'undecided'],
      ['exports/export_summary', 'undecided'],
    ]);
    expect(plan.steps.find(({ key }) => key === 'transforms/users_cleaned')?.reasons).toEqual([
      { kind: 'code-changed', files: [file] },
    ]);
    expect((await command('plan', '--exit-code')).code).toBe(10);
    const { output } = await command('plan');
    expect(output).toContain('▸ transforms/users_cleaned');
    expect(output).toContain('code changed: users_cleaned.ts');
    expect(output).toContain('may change, depending on transforms/users_cleaned');
    expect(output).toMatch(
      /17 assets: 1 run, 9 maybe, 7 up to date; steps usually take [\d.]+ m?s to [\d.]+ m?s/,
    );
    workspace.write({ [file]: good });
    expect(busy(await planOf())).toEqual([]);
  });

  test('knows no group that was deleted, and a new one at once', async () => {
    workspace.remove('packages/simple-assets');
    workspace.write({
      'packages/added/package.json': JSON.stringify({ name: 'added', 'nx-assets': {}, type: 'module' }),
      'packages/added/src/index.ts':
        "import { asset } from '@nx-assets/core';\nimport { z } from 'zod';\nexport const one = asset({ description: 'One.', value: z.int(), materialize: () => 1 });\n",
    });
    const { steps } = await planOf();
    expect(steps.filter(({ key }) => key.startsWith('simple-assets/'))).toEqual([]);
    expect(busy({ version: 2, steps }).map(({ key, action }) => [key, action])).toEqual([
      ['added/one', 'run'],
    ]);
    workspace.remove('packages/added').git('checkout', '-q', '.');
    expect((await planOf()).steps).toHaveLength(17);
  });

  test('of a refresh or of force runs what these run', async () => {
    const refreshed = busy(await planOf('--refresh')).filter(({ action }) => action === 'run');
    expect(refreshed.map(({ key }) => key)).toEqual([
      'simple-assets/raw_user_data',
      'sources/api_posts_raw',
      'sources/api_users_raw',
    ]);
    const forced = await planOf('--force', 'exports/top_authors_csv');
    expect(
      forced.steps.every(({ action, reasons }) => action === 'run' && reasons[0]?.kind === 'forced'),
    ).toBe(true);
  });
});

// One story of random edits: after each, the plan says beforehand what the real nx then does.
describe('plans and runs', () => {
  const assets = [
    'transforms/src/users_cleaned',
    'transforms/src/posts_cleaned',
    'analytics/src/top_authors',
    'exports/src/users_csv',
  ];
  const outputs = [
    'output/modular_users.csv',
    'output/sources/api_users_raw.parquet',
    'output/transforms/posts_cleaned.record.json',
    'output/transforms/posts_cleaned.parquet',
    'output/exports/export_summary.json',
  ];
  let counter = 0;
  const edits: Record<string, (index: number) => unknown> = {
    comment: (index) =>
      workspace.edit(`packages/${assets[index % assets.length]}.ts`, (code) => `${code}// ${counter++}\n`),
    rows: () => {
      const file = 'packages/transforms/src/posts_cleaned.ts';
      const where = `FROM tidy WHERE post_id <> ${counter++ % 5}\``;
      workspace.write({ [file]: workspace.read(file).replace(/FROM tidy[^`]*`/, where) });
    },
    remove: (index) => workspace.remove(outputs[index % outputs.length] ?? ''),
    scribble: (index) => workspace.write({ [outputs[index % outputs.length] ?? '']: `edited ${counter++}` }),
    forget: (index) =>
      workspace.remove(['output', '.nx/cache', '.nx/nx-assets/hashes.json'][index % 3] ?? ''),
    elsewhere: () =>
      workspace.write({ 'README.md': `${counter++}`, 'packages/sources/notes.txt': `${counter}` }),
    checkout: () => workspace.git('checkout', '-q', '.'),
    nothing: () => undefined,
  };
  const edit = fc.tuple(fc.constantFrom(...Object.keys(edits)), fc.nat(10));

  thorough(
    'agree after any edits, and nothing is left to plan then',
    async () => {
      let worked = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (made) => {
          for (const [name, index] of made) edits[name]?.(index);
          const before = await planOf();
          const isIdle = busy(before).length === 0;
          // What the short command answers by itself must be what nx would have answered.
          const idle = await command('materialize', '--dry-run');
          expect(idle.output.includes('Nothing to run')).toBe(isIdle);
          const run = await workspace.materialize();
          expect(run.code, run.output).toBe(0);
          const outcomes = new Map(run.assets.map(({ key, status }) => [key as string, status]));
          for (const { key, action } of before.steps) {
            const expected = {
              run: ['materialized'],
              restore: ['up-to-date'],
              keep: ['up-to-date'],
              undecided: ['materialized', 'up-to-date'],
              blocked: ['failed', 'blocked'],
            }[action];
            expect(expected, `${key} was planned to ${action} after ${JSON.stringify(made)}`).toContain(
              outcomes.get(key),
            );
          }
          expect(busy(await planOf()), JSON.stringify(made)).toEqual([]);
          if (!isIdle) worked++;
        }),
        { numRuns: Number(process.env.PLAN_RUNS ?? 12), endOnFailure: true },
      );
      expect(worked).toBeGreaterThan(2);
    },
    600_000,
  );
});
