import { exec, execFileSync, execSync, fork, spawnSync } from 'node:child_process';
import fs, {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import promises, { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { AssetManifest } from '@nx-assets/core';
import { queryChannel } from '@nx-assets/storage';
import { hashText } from '@nx-assets/storage/records';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { manifestOf } from '../contracts/sample-manifests.ts';
import { StepReads, type UndeclaredPolicy } from './step-reads.ts';

let root: string;
const at = (path: string) => join(root, path);
const write = (path: string, content: string) => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
};

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'step-reads-')));
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  for (const name of readdirSync(root)) rmSync(at(name), { recursive: true });
  for (const name of ['a.csv', 'b.csv', 'c.csv', 'd.csv', 'e.csv'])
    write(`packages/g/data/${name}`, 'x\n1\n');
  write('shared/s.json', '{}');
  write('packages/g/index.ts', 'export {};');
  write('output/g/b.json', '1');
  write('node_modules/p/index.js', '');
  write('packages/g/node_modules/q/q.json', '{}');
});

const reading = (undeclared: UndeclaredPolicy = 'warn') =>
  new StepReads({ root, undeclared, folderOf: () => 'packages/g' });

const asset = (
  patterns: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): AssetManifest => {
  const manifest = manifestOf('g/a');
  const hashes = Object.entries(files).map(([path, content]) => [path, hashText(content)] as const);
  const code = { ...manifest.code, files: { 'packages/g/index.ts': 'h' }, reads: Object.fromEntries(hashes) };
  return { ...manifest, code, ...(patterns.length > 0 ? { reads: patterns } : {}) };
};

/** What is said of a step that does this. */
async function said(run: () => unknown, manifest = asset(), reads = reading()): Promise<string | null> {
  const step = reads.begin(manifest, false);
  await step.watch(async () => {
    await run();
    step.confirm();
  });
  return step.warning();
}

const A = 'packages/g/data/a.csv';

describe('a file that no key covers is noticed when it is opened by', () => {
  test.each<[string, (path: string) => unknown]>([
    ['readFileSync', (path) => readFileSync(path)],
    ['a URL', (path) => readFileSync(pathToFileURL(path))],
    ['bytes', (path) => readFileSync(Buffer.from(path))],
    ['fs.readFileSync', (path) => fs.readFileSync(path)],
    ['readFile', (path) => promisify(fs.readFile)(path)],
    ['promises', (path) => readFile(path)],
    ['fs.promises', (path) => fs.promises.readFile(path)],
    ['a handle', async (path) => (await promises.open(path)).close()],
    ['a descriptor', (path) => fs.closeSync(fs.openSync(path, 'r+'))],
    ['a stream', (path) => text(createReadStream(path))],
    ['a blob', (path) => fs.openAsBlob(path)],
    ['a copy', (path) => fs.copyFileSync(path, at('shared/copy'))],
    ['require', (path) => void createRequire(import.meta.url)('node:fs').readFileSync(path)],
    [
      'an await later',
      async (path) => (await new Promise((done) => setTimeout(done, 5)), readFileSync(path)),
    ],
    ['a worker', (path) => void new Worker(path).on('error', () => undefined)],
    ['a worker at a URL', (path) => void new Worker(pathToFileURL(path)).on('error', () => undefined)],
    ['a fork', (path) => void fork(path, { silent: true })],
    ['a process', (path) => spawnSync(process.execPath, ['--check', path])],
    ['a process in its folder', (path) => spawnSync('cat', ['a.csv'], { cwd: dirname(path) })],
    ['a command', (path) => execSync(`cat < ${path}`)],
    ['a command that is awaited', (path) => promisify(exec)(`cat ${path}`)],
    ['an option of a process', (path) => execFileSync('echo', [`--config=${path}`])],
    ['the linker', (path) => expect(() => process.dlopen({ exports: {} }, path)).toThrow()],
    ['read_csv', (path) => queryChannel.publish({ text: `FROM read_csv('${path}')`, values: [] })],
    ['a parameter', (path) => queryChannel.publish({ text: 'FROM read_csv(?)', values: [path] })],
    ['FROM', (path) => queryChannel.publish({ text: `FROM '${path}'`, values: [] })],
  ])('%s', async (_, open) => {
    expect(await said(() => open(at(A)))).toBe(
      `g/a reads ${A}, which its definition does not declare. A change of it would not re-run the asset. Add \`reads: ['data/a.csv']\` to its definition.`,
    );
  });
});

describe('the line to add', () => {
  const line = async (run: () => unknown, manifest = asset()) =>
    /`reads: \[(.*)\]`/.exec((await said(run, manifest)) ?? '')?.[1];

  test('says where a file lies, after what is there', async () => {
    expect(await line(() => readFileSync(at('shared/s.json')))).toBe(`'{workspaceRoot}/shared/s.json'`);
    const declared = asset(['packages/g/data/b*.csv'], { 'packages/g/data/b.csv': 'x\n1\n' });
    expect(await line(() => readFileSync(at(A)), declared)).toBe(`'data/b*.csv', 'data/a.csv'`);
  });

  test('has one pattern for many files, for a folder, and for a glob of SQL', async () => {
    const all = ['a', 'b', 'c', 'd'];
    expect(await line(() => all.forEach((name) => readFileSync(at(`packages/g/data/${name}.csv`))))).toBe(
      `'data/*.csv'`,
    );
    expect(await line(() => readdirSync(at('packages/g/data')))).toBe(`'data/*'`);
    const query = `FROM read_csv('${at('packages/g/data/*.csv')}')`;
    expect(await line(() => queryChannel.publish({ text: query, values: [] }))).toBe(`'data/*.csv'`);
  });

  test('matches a strange name alone', async () => {
    write('packages/g/data/[1].csv', '');
    expect(await line(() => readFileSync(at('packages/g/data/[1].csv')))).toBe(`'data/[[]1].csv'`);
  });
});

describe('nothing is said of', () => {
  const silent: readonly [string, () => unknown][] = [
    ['code', () => readFileSync(at('packages/g/index.ts'))],
    ['values', () => readFileSync(at('output/g/b.json'))],
    ['installed packages', () => readFileSync(at('packages/g/node_modules/q/q.json'))],
    ['files outside', () => readFileSync(import.meta.filename)],
    ['what is not there', () => expect(() => readFileSync(at('nope'))).toThrow('ENOENT')],
    ['what is only looked at', () => [fs.statSync(at(A)), fs.existsSync(at(A))]],
    ['what is written', () => writeFileSync(at('shared/new'), '')],
    ['what is added to', () => fs.closeSync(fs.openSync(at(A), 'a'))],
    ['its own file', () => (writeFileSync(at('shared/own'), 'x'), readFileSync(at('shared/own')))],
    ['what Node requires', () => void createRequire(import.meta.url)(at('shared/s.json'))],
    ['what Node loads', () => import(pathToFileURL(at('shared/s.json')).href, { with: { type: 'json' } })],
    ['a worker of a text', () => void new Worker('0', { eval: true })],
    ['a process that is given nothing', () => spawnSync('cat', ['nope', 'packages', '--x=1'], { cwd: root })],
    ['a text in SQL', () => queryChannel.publish({ text: `SELECT '${at(A)}' FROM x`, values: [] })],
    ['an address in SQL', () => queryChannel.publish({ text: `FROM 'https://x.y/a.csv'`, values: [] })],
    ['a folder in SQL', () => queryChannel.publish({ text: `FROM x, '${at('shared')}'`, values: [] })],
  ];
  test.each(silent)('%s', async (_, run) => {
    expect(await said(run)).toBeNull();
  });

  test('files that are declared, and folders in which they are looked for', async () => {
    const content = { [A]: 'x\n1\n' };
    expect(await said(() => readFileSync(at(A)), asset([A], content))).toBeNull();
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => [`packages/g/data/${name}.csv`, 'x\n1\n']);
    const globbed = asset(['packages/*/data/*.csv'], Object.fromEntries(all) as Record<string, string>);
    const query = { text: `FROM read_csv('${at('packages/g/data/*.csv')}')`, values: [] };
    const list = () => [readdirSync(at('packages')), readdirSync(at('packages/g/data')), readFileSync(at(A))];
    expect(await said(() => [list(), queryChannel.publish(query)], globbed)).toBeNull();
    expect(await said(() => readdirSync(at('shared')), globbed)).toContain(`'{workspaceRoot}/shared/*'`);
    const deep = asset(['packages/g/data/**/*.csv'], Object.fromEntries(all) as Record<string, string>);
    mkdirSync(at('packages/g/data/sub'));
    expect(await said(() => readdirSync(at('packages/g/data/sub')), deep)).toBeNull();
  });

  test('what runs beside a step', async () => {
    const step = reading().begin(asset(), false);
    let go = () => {};
    const running = step.watch(() => new Promise<void>((resolve) => (go = resolve)));
    readFileSync(at(A));
    go();
    await running;
    expect(step.warning()).toBeNull();
  });

  test('an asset that is made elsewhere', () => {
    const step = reading().begin(asset(), true);
    step.watch(() => readFileSync(at(A)));
    expect(step.warning()).toBeNull();
  });
});

test('each file is said once for an asset', async () => {
  const reads = reading();
  const read = () => readFileSync(at(A));
  expect(await said(read, asset(), reads)).not.toBeNull();
  expect(await said(read, asset(), reads)).toBeNull();
  expect(await said(read, { ...asset(), key: 'g/b' as AssetManifest['key'] }, reads)).toContain('g/b reads');
});

test('where it is an error, nothing is published', async () => {
  await expect(said(() => readFileSync(at(A)), asset(), reading('error'))).rejects.toThrow(
    `READ_UNDECLARED: g/a reads ${A}, which its definition does not declare. Add \`reads: ['data/a.csv']\` to its definition`,
  );
  expect(await said(() => undefined, asset(), reading('error'))).toBeNull();
});

describe('a declared file', () => {
  const declared = () =>
    asset(['packages/g/data/[ab].csv'], { [A]: 'x\n1\n', 'packages/g/data/b.csv': 'x\n1\n' });
  const changed = (path: string) =>
    `FILE_CHANGED_DURING_RUN: ${path}, which g/a reads, changed during the run.`;

  test.each<[string, () => unknown]>([
    ['was edited', () => write(A, 'new')],
    ['is gone', () => rmSync(at(A))],
  ])('that %s since the plan is refused', async (_, change) => {
    change();
    await expect(said(() => undefined, declared())).rejects.toThrow(changed(A));
  });

  test.each<[string, string, () => unknown]>([
    ['edited', A, () => write(A, 'new')],
    ['edited, and the edit undone', A, () => (write(A, 'new'), write(A, 'x\n1\n'))],
    ['edited, and its time set back', A, () => (write(A, 'y\n1\n'), utimesSync(at(A), 0, 0))],
    ['removed', A, () => rmSync(at(A))],
  ])('that is %s during the step is refused', async (_, path, change) => {
    await expect(said(change, declared())).rejects.toThrow(changed(path));
  });

  test('that appears during the step is refused', async () => {
    rmSync(at('packages/g/data/b.csv'));
    const one = asset(['packages/g/data/[ab].csv'], { [A]: 'x\n1\n' });
    await expect(said(() => write('packages/g/data/b.csv', ''), one)).rejects.toThrow(
      changed('packages/g/data/b.csv'),
    );
  });

  test('may be a link', async () => {
    symlinkSync('../../../shared/s.json', at('packages/g/data/link.json'));
    const link = asset(['packages/g/data/link.json'], { 'packages/g/data/link.json': '{}' });
    expect(await said(() => readFileSync(at('packages/g/data/link.json')), link)).toBeNull();
    await expect(said(() => write('shared/s.json', '{"new":1}'), link)).rejects.toThrow('FILE_CHANGED');
  });
});
