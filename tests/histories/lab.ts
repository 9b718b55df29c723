// Histories, many at a time: each is a group of one workspace, so that an nx command serves all. Beside it is the same
// workspace without any cache, record or output: after each step both must hold the same values.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MaterializeResult, TestWorkspace } from '@nx-assets/testing';
import { apply, type Damage, type Edit, type History, type Mode, type Schedule, STEPS } from './edits.ts';
import { type Rendered, renderWorld } from './render-world.ts';
import { Tree } from './tree.ts';
import type { World } from './world.ts';

/** What came out wrong. */
export interface Difference {
  /** Which of the histories. */
  readonly history: number;
  readonly step: number;
  readonly mode: Mode | 'first';
  readonly what: string;
}

export interface Tally {
  /** Steps of assets that were up to date or ran, in runs that are counted. */
  steps: number;
  ran: number;
  /** Steps that ran although nothing that they can see had changed. */
  readonly needless: { readonly key: string; readonly step: number; readonly why: string }[];
}

export interface Findings extends Tally {
  readonly differences: readonly Difference[];
}

interface Live {
  readonly group: string;
  readonly history: History;
  readonly before: World[];
  world: World;
  rendered: Rendered;
  /** What each asset has been made from. */
  readonly known: Map<string, Set<string>>;
  damaged: boolean;
}

const RUN = ['run-many', '-t', 'materialize'];

/** Plays histories, and compares after each step. Stops at the first step with differences. */
export async function play(
  histories: readonly History[],
  schedule: Schedule,
  tell: (line: string) => void = () => undefined,
): Promise<Findings> {
  const tested = new Tree();
  const clean = new Tree();
  // Compiled code is no state, and lies outside what is removed before each run from nothing.
  const env = { NODE_COMPILE_CACHE: join(clean.workspace.root, 'node_modules/.compiled') };
  const tally: Tally = { steps: 0, ran: 0, needless: [] };
  const all = histories.map((history, index): Live => {
    const group = `w${index}`;
    const { world } = history;
    return {
      group,
      history,
      world,
      before: [],
      rendered: renderWorld(group, world),
      known: new Map(),
      damaged: false,
    };
  });
  let differences: readonly Difference[] = [];
  try {
    for (let step = -1; step < STEPS && differences.length === 0; step++) {
      const mode = step < 0 ? 'first' : (schedule.modes[step]?.mode ?? 'plain');
      const after = schedule.modes[step]?.after ?? 0;
      const started = performance.now();
      const result = await runStep(tested, all, step, mode, after);
      const between = performance.now();
      clean.show(all.map(({ rendered }) => rendered));
      clean.workspace.remove('output').remove('.nx');
      const reference = await clean.workspace.materialize(RUN, { env });
      tell(
        `step ${step + 1}, ${mode}: ${Math.round(between - started)} ms, from nothing ${Math.round(performance.now() - between)} ms`,
      );
      differences = compare({ tested, clean, all, result, reference, step, mode });
      count(tested, all, result, step, mode, tally);
      for (const live of all) live.before.push(live.world);
    }
    return { ...tally, differences };
  } finally {
    if (process.env['KEEP'] === undefined || differences.length === 0)
      for (const tree of [tested, clean]) tree.workspace.dispose();
    else tell(`kept ${tested.workspace.root} and ${clean.workspace.root}`);
  }
}

async function runStep(
  tested: Tree,
  all: readonly Live[],
  step: number,
  mode: Mode | 'first',
  after: number,
): Promise<MaterializeResult> {
  const { workspace } = tested;
  const show = () => tested.show(all.map(({ rendered }) => rendered));
  const change = (which: (index: number) => boolean) => {
    for (const live of all)
      edit(
        live,
        (live.history.steps[step] ?? []).filter((_, index) => which(index)),
      );
  };
  for (const live of all) live.damaged = false;
  change((index) => mode !== 'during' || index % 2 === 0);
  show();
  for (const live of all)
    for (const it of live.history.steps[step] ?? []) if (it.kind === 'damage') damage(tested, live, it);
  const run = (args: readonly string[] = []) => workspace.materialize([...RUN, ...args]);
  const some = (share: number) =>
    all
      .filter((_, index) => index % share === 0)
      .map(({ group }) => group)
      .join();
  switch (mode) {
    case 'forced':
      return run(['--skip-nx-cache']);
    case 'refresh':
      return run(['--refresh']);
    case 'twice': {
      const [one, other] = await Promise.all([run(), run()]);
      return one.code === 0 ? other : one;
    }
    case 'killed':
      await killed(workspace, after * 4_000);
      return run();
    case 'during': {
      const running = run();
      await sleep(after * 4_000);
      change((index) => index % 2 === 1);
      show();
      await running;
      return run();
    }
    case 'part': {
      const part = await run([`--projects=${some(2)}`]);
      return part.code === 0 ? run() : part;
    }
    case 'alone': {
      const part = await run([`--projects=${some(10)}`, '--batch=false']);
      return part.code === 0 ? run() : part;
    }
    default:
      return run();
  }
}

function edit(live: Live, edits: readonly Edit[]): void {
  for (const one of edits) live.world = apply(live.world, one, live.before);
  live.rendered = renderWorld(live.group, live.world);
}

async function killed(workspace: TestWorkspace, milliseconds: number): Promise<void> {
  let pid = 0;
  const running = workspace.materialize(RUN, { onStart: (started) => (pid = started) });
  await Promise.race([running, sleep(milliseconds)]);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It had ended.
  }
  await running;
}

function damage(tested: Tree, live: Live, { what, at }: Damage): void {
  const own = [...tested.values().keys()].filter((path) => path.startsWith(`${live.group}/`)).sort();
  const records = own.filter((path) => path.endsWith('.record.json'));
  const values = own.filter((path) => !path.endsWith('.record.json'));
  const path = what === 'remove the record' ? records[at % records.length] : values[at % values.length];
  if (path === undefined) return;
  live.damaged = true;
  const absolute = join(tested.workspace.root, 'output', path);
  switch (what) {
    case 'flip': {
      const bytes = readFileSync(absolute);
      const place = Math.floor(bytes.length / 2);
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      writeFileSync(absolute, bytes);
      return;
    }
    case 'append':
      appendFileSync(absolute, ' ');
      return;
    case 'remove the folder':
      rmSync(join(tested.workspace.root, 'output', live.group), { recursive: true });
      return;
    default:
      rmSync(absolute);
  }
}

interface Comparison {
  readonly tested: Tree;
  readonly clean: Tree;
  readonly all: readonly Live[];
  readonly result: MaterializeResult;
  readonly reference: MaterializeResult;
  readonly step: number;
  readonly mode: Mode | 'first';
}

function compare({ tested, clean, all, result, reference, step, mode }: Comparison): readonly Difference[] {
  const of = (history: number, what: string): Difference => ({ history, step, mode, what });
  const failed = [
    ['the run', result],
    ['the run from nothing', reference],
  ] as const;
  for (const [what, { code, output, assets }] of failed)
    if (code !== 0) {
      const broken = assets.filter(({ status }) => status === 'failed');
      const facts = broken.map(({ key, error }) => `${key}: ${error?.message}`).join('\n');
      return [
        of(
          groupIn(broken[0]?.key ?? output),
          `${what} ended with ${code}:\n${facts || output.slice(-3_000)}`,
        ),
      ];
    }
  const values = tested.values();
  const asked = new Set(
    all.flatMap(({ rendered }) => rendered.assets.flatMap((asset) => (asset.hasPolicy ? asset.keys : []))),
  );
  const found: Difference[] = [];
  for (const [path, expected] of clean.values()) {
    const actual = values.get(path);
    const history = Number(/^w(\d+)/.exec(path)?.[1] ?? -1);
    if (path.endsWith('.record.json')) {
      const [one, other] = [actual, expected].map((bytes) =>
        bytes === undefined ? null : lasting(bytes, asked),
      );
      if (one !== other) found.push(of(history, `${path}:\n  ${one}\n  from nothing:\n  ${other}`));
    } else if (actual === undefined || !actual.equals(expected)) {
      const text = (bytes?: Buffer) =>
        bytes === undefined ? 'nothing' : JSON.stringify(bytes.toString('latin1').slice(0, 300));
      found.push(of(history, `${path} holds ${text(actual)}, from nothing ${text(expected)}`));
    }
  }
  return found.filter(({ history }) => history < all.length);
}

/** The first history that a text speaks of. */
const groupIn = (output: string): number => Number(/\bw(\d+)[/:]/.exec(output)?.[1] ?? 0);

/** What a record says, without its run and times; the action key of what is asked for again has one in it. */
function lasting(bytes: Buffer, asked: ReadonlySet<string>): string {
  const record = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  const { key, partition, actionKey, dataVersion, value, inputs, metadata } = record;
  const constant = asked.has(String(key)) ? null : actionKey;
  return JSON.stringify({ key, partition, actionKey: constant, dataVersion, value, inputs, metadata });
}

/** Counts what ran, and what of it had been made from the same before. */
function count(
  tested: Tree,
  all: readonly Live[],
  result: MaterializeResult,
  step: number,
  mode: Mode | 'first',
  tally: Tally,
): void {
  const data = dataOf(tested);
  const outcomes = new Map(result.assets.map((asset) => [asset.key as string, asset]));
  for (const live of all)
    for (const asset of live.rendered.assets) {
      const from = JSON.stringify([asset.sees, asset.deps.map((dep) => data.get(dep))]);
      for (const key of asset.keys) {
        const known = live.known.get(key) ?? new Set();
        const outcome = outcomes.get(key);
        if (mode === 'plain' && outcome !== undefined) {
          tally.steps++;
          if (outcome.status === 'materialized') {
            tally.ran++;
            if (known.has(from) && !live.damaged)
              tally.needless.push({ key, step, why: JSON.stringify(outcome) });
          }
        }
        // Nx keeps nothing of a run of several partitions: of these only what lies in output/ is known.
        live.known.set(key, asset.isPartitioned ? new Set([from]) : known.add(from));
      }
    }
}

/** What dependents get of each asset. */
function dataOf(tested: Tree): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [path, bytes] of [...tested.values()].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (path.endsWith('.record.json')) {
      const { key, partition, dataVersion, value } = JSON.parse(bytes.toString('utf8')) as Record<
        string,
        unknown
      >;
      const text = JSON.stringify([partition, dataVersion, value]);
      found.set(String(key), (found.get(String(key)) ?? '') + text);
    }
  return found;
}
