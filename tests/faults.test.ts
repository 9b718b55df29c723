import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { assetKey } from '@nx-assets/core';
import { readRecord } from '@nx-assets/storage/records';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isThorough } from './support/thorough.ts';

interface SomeRecord {
  readonly key: string;
  readonly dataVersion: string;
  readonly value: { readonly path: string };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Path to the hash of everything in `output/`. */
function outputOf(workspace: TestWorkspace): Record<string, string> {
  const files = readdirSync(join(workspace.root, 'output'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.sort().map((path) => [path, sha256(readFileSync(path))]));
}

/** Every record fits its bytes. Gives the names of the assets. */
function expectTrue(workspace: TestWorkspace): string[] {
  const output = outputOf(workspace);
  const paths = Object.keys(output).filter((path) => path.endsWith('.record.json'));
  const records = paths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as SomeRecord);
  for (const { key, dataVersion, value } of records) {
    expect(output[join(workspace.root, value.path)], key).toBe(dataVersion);
  }
  return records.map(({ key }) => key.split('/')[1] ?? key).sort();
}

/** The same, and nothing else lies about. */
function expectSound(workspace: TestWorkspace): string[] {
  const names = expectTrue(workspace);
  expect(Object.keys(outputOf(workspace))).toHaveLength(names.length * 2);
  return names;
}

const forgetCache = (workspace: TestWorkspace) => workspace.remove('.nx/cache').remove('.nx/workspace-data');

describe('two runs of the same assets, started at once', () => {
  /** Assets in which each of several chains goes on as soon as it can, so that the two runs meet often. */
  const chains = (value: string) => `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ n: z.number() });
const rows = () => Array.from({ length: 50 }, (_, n) => ({ n: ${value} }));
${Array.from({ length: 12 }, (_, index) => {
  const deps = index < 3 ? '' : `deps: { a${index - 3} }, `;
  return `export const a${index} = asset({ description: 'One.', ${deps}schema: Row, materialize: rows });`;
}).join('\n')}
`;

  test.each(['n', 'Math.random()'])(
    'one waits for the other, and each asset is made once (%s)',
    async (value) => {
      using workspace = new TestWorkspace().group('chains', { 'index.ts': chains(value) });
      for (let round = 0; round < (isThorough ? 6 : 1); round++) {
        workspace.remove('output').remove('.nx');
        const runs = await Promise.all([workspace.materialize(), workspace.materialize()]);
        for (const { code, output, assets } of runs) {
          expect(code, output).toBe(0);
          expect(assets).toHaveLength(12);
        }
        const made = runs.flatMap(({ assets }) => assets.filter(({ status }) => status === 'materialized'));
        expect(new Set(made.map(({ key }) => key)).size).toBe(12);
        expect(made).toHaveLength(12);
        expect(expectSound(workspace)).toHaveLength(12);
        const next = await workspace.materialize();
        expect({ code: next.code, ran: next.ran }).toEqual({ code: 0, ran: [] });
      }
    },
  );
});

const command = (name: string, ...args: readonly string[]) => execFileSync(name, args, { stdio: 'pipe' });
const mount = (...args: readonly string[]) => command('mount', ...args);
const unmount = (folder: string) => command('umount', '--lazy', folder);

/** Why this machine does not let a test mount a disk, or `null`. */
function whyNoMount(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    mount('-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder);
    unmount(folder);
    return null;
  } catch (error) {
    return (error as Error).message.trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const noMount = whyNoMount();

describe.skipIf(noMount !== null)(`a disk${noMount === null ? '' : ` (skipped: ${noMount})`}`, () => {
  const source = (rows: number) => `
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asset, sql } from '@nx-assets/core';
import { z } from 'zod';
const texts = () => Array.from({ length: ${rows} }, (_, n) => 'a line of text, and its number is ' + n + '\\n');
export const numbers = asset({
  description: 'A table that SQL makes.',
  schema: z.object({ n: z.int(), text: z.string() }),
  orderBy: ['-n'],
  materialize: () => sql\`SELECT range AS n, md5(range::VARCHAR) AS text FROM range(${rows})\`,
});
export const words = asset({
  description: 'A table of rows.',
  schema: z.object({ text: z.string() }),
  materialize: () => texts().map((_, n) => ({ text: String(Math.sin(n)) + String(Math.cos(n)) })),
});
export const document = asset({
  description: 'A document.',
  value: z.array(z.string()),
  preview: false,
  materialize: texts,
});
export const file = asset({
  description: 'A file.',
  file: 'lines.txt',
  materialize: (_inputs, { file }) => pipeline(Readable.from(texts()), createWriteStream(file)),
});
export const noted = asset({
  description: 'A small value with a large record.',
  schema: z.object({ n: z.int() }),
  materialize: (_inputs, { metadata }) => {
    metadata({ notes: texts() });
    return [{ n: ${rows} }];
  },
});
export const after = asset({
  description: 'Comes after.',
  deps: { numbers },
  schema: z.object({ n: z.int() }),
  materialize: ({ numbers }) => [{ n: numbers.rowCount }],
});
`;
  const STEPS = ['document', 'file', 'noted', 'numbers', 'words'];
  /** How messages name the places. DuckDB names the temporary file beside one. */
  const PLACES = [
    '/output/disk/document.json cannot be written',
    '/output/lines.txt cannot be written',
    '/output/disk/.numbers.parquet.tmp-',
    '/output/disk/.words.parquet.tmp-',
  ];
  let workspace: TestWorkspace;
  let disk: string;
  const remount = (options: string) => mount('-o', `remount,${options}`, disk);
  const write = (rows: number) => workspace.write({ 'packages/disk/src/index.ts': source(rows) });

  beforeAll(async () => {
    workspace = new TestWorkspace().group('disk', { 'index.ts': source(10) });
    disk = join(workspace.root, 'output');
    mkdirSync(disk);
    mount('-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk);
    expect((await workspace.materialize()).code).toBe(0);
  });
  afterAll(() => {
    try {
      unmount(disk);
    } finally {
      workspace.dispose();
    }
  });

  /** A run in which nothing can be written: each step says where and what to do, and the old data stays. */
  async function expectRefused(cause: RegExp, placeOfNoted: string) {
    const before = outputOf(workspace);
    const { code, output, assets, failed, blocked } = await workspace.materialize();
    expect({ code, failed, blocked }, output).toEqual({ code: 1, failed: STEPS, blocked: ['after'] });
    const errors = assets.flatMap(({ error }) => error ?? []);
    expect(errors.map((error) => error.code)).toEqual(STEPS.map(() => 'STORAGE_WRITE_FAILED'));
    const messages = errors.map(({ message }) => message);
    for (const place of [...PLACES, placeOfNoted])
      expect(
        messages.filter((text) => text.includes(place)),
        place,
      ).toHaveLength(1);
    for (const message of messages) {
      expect(message).toMatch(cause);
      expect(message).toContain('Check disk space and permissions. The previous value is unchanged.');
    }
    expect(outputOf(workspace)).toEqual(before);
    expectSound(workspace);
  }

  async function expectMended() {
    const { code, ran } = await workspace.materialize();
    expect({ code, ran }).toEqual({ code: 0, ran: ['after', ...STEPS] });
    expect(expectSound(workspace)).toEqual(['after', ...STEPS]);
  }

  test('that is full: the last good data stays, records too, and the run with more room completes', async () => {
    write(100_000);
    await expectRefused(/no space left on device/i, '/output/disk/noted.record.json cannot be written');
    remount('size=64m');
    await expectMended();
  });

  test('that is read-only: the same', async () => {
    write(11);
    remount('ro');
    try {
      await expectRefused(/read-only file system/i, '/output/disk/.noted.parquet.tmp-');
    } finally {
      remount('rw');
    }
    await expectMended();
  });
});

describe('what lies on the disk', () => {
  const source = (more = '') => `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ n: z.int(), text: z.string() });
export const numbers = asset({
  description: 'Numbers.',
  schema: Row,
  materialize: () => Array.from({ length: 500 }, (_, n) => ({ n, text: 'number ' + n })),
});
export const doubled = asset({
  description: 'Twice the numbers.',
  deps: { numbers },
  schema: Row,
  materialize: async ({ numbers }) => (await numbers.rows()).map(({ n, text }) => ({ n: n * 2, text })),
});
${more}
`;
  const key = assetKey('math', 'numbers');
  const everything = ['run-many', '-t', 'materialize'];
  let workspace: TestWorkspace;
  let record: string;
  let value: string;
  let bytes: Buffer;

  beforeAll(async () => {
    workspace = new TestWorkspace().group('math', { 'index.ts': source() });
    expect((await workspace.materialize()).ran).toEqual(['doubled', 'numbers']);
    record = join(workspace.root, 'output/math/numbers.record.json');
    value = join(workspace.root, 'output/math/numbers.parquet');
    bytes = readFileSync(value);
  });
  afterAll(() => workspace.dispose());

  async function expectRestored() {
    const before = readFileSync(join(workspace.root, 'output/math/doubled.record.json'));
    const { code, ran } = await workspace.materialize();
    expect({ code, ran }).toEqual({ code: 0, ran: [] });
    expect(readFileSync(value)).toEqual(bytes);
    expect(readFileSync(join(workspace.root, 'output/math/doubled.record.json'))).toEqual(before);
    expect(expectSound(workspace)).toEqual(['doubled', 'numbers']);
  }

  async function expectMadeAgain(reason: string) {
    const { code, ran, assets } = await workspace.materialize();
    expect({ code, ran }).toEqual({ code: 0, ran: ['numbers'] });
    expect(assets.find((asset) => asset.key === key)?.reasons).toMatchObject([{ kind: reason }]);
    expect(readFileSync(value)).toEqual(bytes);
    expect(expectSound(workspace)).toEqual(['doubled', 'numbers']);
  }

  test('a record cut off at any byte is never believed', () => {
    const whole = readFileSync(record);
    try {
      // The last byte only ends the line: without it nothing is missing.
      for (let length = 0; length < whole.length - 1; length++) {
        writeFileSync(record, whole.subarray(0, length));
        expect(readRecord(workspace.root, key).status, `${length} bytes`).toBe('unreadable');
      }
    } finally {
      writeFileSync(record, whole);
    }
    expect(readRecord(workspace.root, key).status).toBe('found');
  });

  test.each([
    { name: 'to nothing', share: 0 },
    { name: 'in the middle', share: 0.5 },
    { name: 'before its last brace', share: 1 },
  ])(
    'a record cut off $name is restored; without the cache that asset alone runs again',
    async ({ share }) => {
      const cut = () => {
        const whole = readFileSync(record);
        writeFileSync(record, whole.subarray(0, Math.floor((whole.length - 2) * share)));
        return whole;
      };
      const whole = cut();
      await expectRestored();
      expect(readFileSync(record)).toEqual(whole);
      cut();
      forgetCache(workspace);
      await expectMadeAgain('record-unreadable');
    },
  );

  /** Turns the bits of one byte, and leaves size and time as they were. */
  function flip(position: number): void {
    const { atime, mtime } = statSync(value);
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(position) ^ 0xff, position);
    writeFileSync(value, flipped);
    utimesSync(value, atime, mtime);
  }

  test.each([
    { name: 'at the start', share: 0 },
    { name: 'among its data', share: 0.3 },
    { name: 'at the end', share: 1 },
  ])('a value with a wrong byte $name is restored; without the cache it is made again', async ({ share }) => {
    const position = Math.floor((bytes.length - 1) * share);
    flip(position);
    await expectRestored();
    flip(position);
    forgetCache(workspace);
    await expectMadeAgain('value-edited');
  });

  test('a value with a wrong byte is no input', async () => {
    const before = readFileSync(join(workspace.root, 'output/math/doubled.parquet'));
    workspace.write({ 'packages/math/src/index.ts': source('// edited') });
    flip(200);
    const alone = ['run', 'math:doubled', '--exclude-task-dependencies'];
    const { code, failed, output } = await workspace.materialize(alone);
    expect({ code, failed }).toEqual({ code: 1, failed: ['doubled'] });
    expect(output).toContain('output/math/numbers.parquet is not what the record of math/numbers says it is');
    expect(output).toContain('Materialize the upstream asset first');
    expect(readFileSync(join(workspace.root, 'output/math/doubled.parquet'))).toEqual(before);
    const next = await workspace.materialize();
    expect({ code: next.code, ran: next.ran }).toEqual({ code: 0, ran: ['doubled', 'numbers'] });
    expect(readFileSync(value)).toEqual(bytes);
    expectSound(workspace);
  });

  describe('a history that another process is writing', () => {
    const path = () => join(workspace.root, '.nx/nx-assets/history.db');
    const edit = (text: string) => workspace.write({ 'packages/math/src/index.ts': source(`// ${text}`) });
    const runIds = async (): Promise<string[]> => {
      const { stdout } = await workspace.command(['runs', '--json']);
      return (JSON.parse(stdout) as { runs: { runId: string }[] }).runs.map(({ runId }) => runId);
    };
    /** Holds the history while `work` goes on, or for so many milliseconds of it. */
    async function whileHeld<T>(work: () => Promise<T>, milliseconds?: number): Promise<T> {
      const database = new DatabaseSync(path());
      database.exec('BEGIN IMMEDIATE');
      const release = () => database.isOpen && database.close();
      const timer = milliseconds === undefined ? undefined : setTimeout(release, milliseconds);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        release();
      }
    }

    test('for a moment: the run waits, and is in it', async () => {
      const before = await runIds();
      edit('waits');
      const { code, ran, output } = await whileHeld(() => workspace.materialize(), 2500);
      expect({ code, ran }).toEqual({ code: 0, ran: ['doubled', 'numbers'] });
      expect(output).not.toContain('not in the history');
      expect(await runIds()).toHaveLength(before.length + 1);
    });

    test('all the time: the run waits once, says so once, and succeeds', async () => {
      const before = await runIds();
      edit('does without');
      const started = performance.now();
      const { code, output } = await whileHeld(() => workspace.nx(everything));
      expect(code, output).toBe(0);
      expect(performance.now() - started).toBeLessThan(20_000);
      expect(output).toContain('2 assets: 2 materialized');
      expect(output.split('not in the history')).toHaveLength(2);
      expect(output).toContain(`${path()} cannot be written (database is locked). Another process has been`);
      expectSound(workspace);
      expect(await runIds()).toEqual(before);
      const next = await workspace.materialize();
      expect({ code: next.code, ran: next.ran }).toEqual({ code: 0, ran: [] });
      expect(await runIds()).toHaveLength(before.length + 1);
    });
  });
});

describe('a clock that is set back by a day', () => {
  /** Goes a day ahead until a file is there. */
  const clock = `
import { existsSync } from 'node:fs';
const RealDate = Date;
const now = () => RealDate.now() + (existsSync(process.env.SET_BACK) ? 0 : 86_400_000);
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length > 0) super(...given);
    else super(now());
  }
  static now() {
    return now();
  }
};
`;
  const source = `
import { writeFileSync } from 'node:fs';
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ n: z.int() });
const rows = () => [{ n: 1 }];
export const api = asset({
  description: 'Comes from outside.',
  freshness: { maxAge: '1h' },
  schema: Row,
  materialize: rows,
});
export const during = asset({
  description: 'The clock is set back while it runs.',
  deps: { api },
  schema: Row,
  materialize: () => {
    writeFileSync(process.env.SET_BACK!, '');
    return rows();
  },
});
export const after = asset({ description: 'Comes after.', deps: { during }, schema: Row, materialize: rows });
`;
  const names = ['after', 'api', 'during'];
  let workspace: TestWorkspace;
  beforeAll(() => {
    workspace = new TestWorkspace({ 'clock.js': clock }).group('times', { 'index.ts': source });
  });
  afterAll(() => workspace.dispose());

  const isFuture = (time: string | undefined) => Date.parse(time ?? '') > Date.now() + 3_600_000;
  const timesOf = (name: string) =>
    JSON.parse(workspace.read(`output/times/${name}.record.json`)) as {
      observedAt: string;
      startedAt: string;
      finishedAt: string;
    };

  /** Every command that shows times works, and no time is negative. */
  async function expectNoNegativeTimes() {
    const commands = [['status'], ['plan'], ['runs'], ['runs', 'last'], ['show', 'api'], ['show', 'during']];
    const results = await Promise.all(commands.map((command) => workspace.command(command)));
    for (const { code, output } of results) {
      expect(code, output).toBe(0);
      expect(output).not.toMatch(/(^|\s)-\d/m);
    }
    const [status, , runs, , , during] = results.map(({ output }) => output);
    expect(status).toMatch(/times\/api .* \d+ s ago/);
    expect(runs).toMatch(/succeeded +\d+ s ago +0 ms +3 materialized/);
    expect(during).toMatch(/materialized +\d+ s ago in 0 ms/);
  }

  test('during a run: it completes, and times of the future do no harm', async () => {
    const env = {
      NODE_OPTIONS: `--import ${join(workspace.root, 'clock.js')}`,
      SET_BACK: join(workspace.root, 'set-back.txt'),
    };
    const { code, ran, assets, output } = await workspace.materialize(undefined, { env });
    expect({ code, ran }, output).toEqual({ code: 0, ran: names });
    for (const { milliseconds } of assets) expect(milliseconds).toBeGreaterThanOrEqual(0);
    // Otherwise this test would test nothing.
    expect(isFuture(timesOf('api').observedAt)).toBe(true);
    expect(isFuture(timesOf('during').startedAt)).toBe(true);
    expect(isFuture(timesOf('during').finishedAt)).toBe(false);
    expect(workspace.read('.nx/nx-assets/observations/times/api.json')).toContain(timesOf('api').observedAt);
    expectSound(workspace);
    await expectNoNegativeTimes();
  });

  test('after a run: what was observed in the future is asked for again, once', async () => {
    const { code, ran } = await workspace.materialize();
    expect({ code, ran }).toEqual({ code: 0, ran: ['api'] });
    expect(isFuture(timesOf('api').observedAt)).toBe(false);
    expectSound(workspace);
    await expectNoNegativeTimes();
    const next = await workspace.materialize();
    expect({ code: next.code, ran: next.ran }).toEqual({ code: 0, ran: [] });
  });
});
