import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorsPage } from '../docs/errors.ts';
import { lineage, readLineage } from '../docs/lineage.ts';
import { recordSchema } from '../docs/record-schema.ts';
import { assetRecordSchema } from '../tools/storage/src/record-schema.ts';
import { BLOCKS, blocksOf, linesOfRun, PAGES, proseOf, repository, shownRuns } from './support/pages.ts';
import { ALL, everyPackage, referenceWorkspace } from './support/reference.ts';

const read = (path: string) => readFileSync(join(repository, path), 'utf8');
const LESSON = 'docs/learn/1-simple-assets.md';
const MODULAR = 'docs/learn/2-modular.md';
const COMPARED = 'docs/simple-or-modular.md';

describe.each([...PAGES])('%s', (page, text) => {
  test('its links lead somewhere', () => {
    const targets = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = targets
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => !existsSync(resolve(repository, dirname(page), target.replace(/#.*/, ''))));
    expect(broken).toEqual([]);
  });

  test('the files that it names are there', () => {
    // What a reader makes in a lesson, and what a run makes, is not in the repository.
    const made = new Set(BLOCKS.flatMap(({ path }) => path ?? []));
    const named = [...proseOf(text).matchAll(/`([^`\s]+\/[^`\s]*\.[a-z]+)`/g)].map(([, path = '']) => path);
    const missing = named
      .filter((path) => !/^(output|\.nx|node_modules|\.\/|https?:)|[<>]/.test(path) && !made.has(path))
      .filter((path) => globSync([path, `packages/analytics/${path}`], { cwd: repository }).length === 0);
    expect(missing).toEqual([]);
  });

  test('it names no place of the machine that it was written on', () => {
    expect(text).not.toMatch(/\/(?:work|tmp|home|root|Users)\/|localhost|127\.0\.0\.1/);
  });
});

test('the commands name targets and scripts that are there', async () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
  const groups = await readLineage();
  const own = globSync('{packages,tools}/*/package.json', { cwd: repository }).flatMap((path) => {
    const { nx } = JSON.parse(read(path)) as { nx: { name: string; targets?: object } };
    return Object.keys(nx.targets ?? {}).map((target) => `${nx.name}:${target}`);
  });
  const known = new Set([
    ...groups.flatMap(({ name, assets, others }) => [
      `${name}:materialize`,
      `${name}:check`,
      ...[...assets, ...others].map(({ key }) => key.replace('/', ':')),
    ]),
    ...own,
    'weather:materialize', // the lessons make these
    'analytics:posts_by_city',
  ]);
  const all = [...PAGES.values()].join('\n');
  const program = read('tools/nx-assets/src/cli/main.ts');
  const unknown = [
    ...[...all.matchAll(/npx nx-assets ([a-z]+)/g)].filter(
      ([, verb = '']) => verb !== 'help' && !new RegExp(`[('"]${verb} ?[\\['<]`).test(program),
    ),
    ...[...all.matchAll(/npx nx run ([\w-]+:\w+)/g)].filter(([, target = '']) => !known.has(target)),
    ...[...all.matchAll(/npm run ([\w:-]+)/g)].filter(([, script = '']) => !(script in scripts)),
    ...[...all.matchAll(/npx node (\S+\.ts)/g)].filter(
      ([, path = '']) => !existsSync(join(repository, path)),
    ),
  ].map(([command]) => command);
  expect(unknown).toEqual([]);
});

describe('what scripts make is what is committed', () => {
  test.each([
    ['docs/lineage.svg', 'docs/lineage.ts', lineage],
    ['docs/errors.md', 'docs/errors.ts', errorsPage],
    ['docs/record.schema.json', 'docs/record-schema.ts', recordSchema],
  ])('%s', async (path, script, make) => {
    expect(read(path) === (await make()), `run: npx node ${script}`).toBe(true);
  });
});

test('every reason is explained', () => {
  const kinds = new Set(
    [...read('tools/engine/src/reason.ts').matchAll(/kind: '([\w-]+)'/g)].map(([, kind]) => kind),
  );
  expect(kinds.size).toBeGreaterThan(10);
  const page = PAGES.get('docs/machine-output.md') ?? '';
  expect([...kinds].filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
});

/** Where a specifier of a framework file leads, or null for what is no file of this repository. */
function resolveImport(specifier: string, from: string): string | null {
  if (specifier.startsWith('.')) return join(dirname(from), specifier);
  const [, room, path = ''] = /^@nx-assets\/([\w-]+)(\/.*)?$/.exec(specifier) ?? [];
  if (room === undefined) return null;
  const { exports } = JSON.parse(read(`tools/${room}/package.json`)) as { exports: Record<string, string> };
  return join('tools', room, exports[`.${path}`] ?? '');
}

/** The files that a file imports, through files that only pass on, and the workers that it starts by name. */
function importedBy(from: string): string[] {
  const source = read(from);
  return [...source.matchAll(/(?:from|import\(|name:) ?'([^']+)'/g)].flatMap(([, specifier = '']) => {
    const file = resolveImport(specifier, from);
    if (file === null || !existsSync(join(repository, file))) return [];
    const isBarrel = read(file)
      .replace(/\/\/.*|\{[^}]*\}/g, '')
      .split('\n')
      .every((line) => line.trim() === '' || line.startsWith('export'));
    return isBarrel ? [file, ...importedBy(file)] : [file];
  });
}

test('the way of data is the way that the imports go', () => {
  const [, walk = ''] = /## The way of data\n([\s\S]*?)\n## /.exec(PAGES.get('ARCHITECTURE.md') ?? '') ?? [];
  const steps = walk.split(/^(?=\d+\. )/m).filter((step) => /^\d+\. /.test(step));
  expect(steps.length).toBeGreaterThan(15);
  let chain: string[] = [];
  const stray: string[] = [];
  for (const step of steps) {
    // Nx calls: what follows hangs on this file.
    if (/^\d+\. \*\*Nx /.test(step)) chain = [];
    for (const [, file = ''] of step.matchAll(/`((?:tools|packages)\/[^`]+\.ts)`/g)) {
      const called =
        chain.length === 0 || step.includes('--batch=false') || chain.flatMap(importedBy).includes(file);
      if (!called) stray.push(file);
      chain.push(file);
    }
  }
  expect(stray).toEqual([]);
});

test('every sample compiles', () => {
  mkdirSync(join(repository, '.nx'), { recursive: true });
  const folder = mkdtempSync(join(repository, '.nx/docs-'));
  try {
    const samples = BLOCKS.filter(({ language }) => language === 'ts');
    expect(samples.length).toBeGreaterThan(10);
    samples.forEach(({ page, path, text }, index) => {
      // By page: two pages may write the same file.
      const file = join(folder, page.replaceAll('/', '-'), path ?? `${index}.ts`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    });
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.base.json', include: ['**/*'] }),
    );
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    let problems = '';
    try {
      execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
    } catch (error) {
      problems = (error as { stdout: string }).stdout;
    }
    expect(problems).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Writes the files of a page into a folder that finds the packages of this workspace, and gives it back. */
function filesOf(page: string): string {
  mkdirSync(join(repository, '.nx'), { recursive: true });
  const folder = mkdtempSync(join(repository, '.nx/docs-'));
  for (const { path, text } of blocksOf(page, 'ts')) {
    if (path === null) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const vitest = (folder: string, CI = '') =>
  spawnSync(process.execPath, [join(repository, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder], {
    encoding: 'utf8',
    env: { ...process.env, CI, NO_COLOR: '1' },
  });

describe('the tests that a page prints pass', () => {
  const isTest = (text: string) => text.includes("from 'vitest'");
  const pages = [...new Set(BLOCKS.filter(({ text }) => isTest(text)).map(({ page }) => page))];

  test('and each says which file it is', () => {
    expect(BLOCKS.filter(({ path, text }) => isTest(text) && !path?.endsWith('.test.ts'))).toEqual([]);
    expect(pages).toContain(MODULAR);
  });

  test.each(pages)('%s', (page) => {
    const folder = filesOf(page);
    try {
      const { status, stdout, stderr } = vitest(folder);
      expect(status, stdout + stderr).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('the lesson on testing: its test writes the golden table, and holds to it', () => {
  const folder = filesOf('docs/learn/7-testing.md');
  const golden = join(folder, 'packages/shop/src/__golden__/by_city.csv');
  try {
    expect(vitest(folder).status).toBe(0);
    expect(readFileSync(golden, 'utf8')).toBe('city,total\nBern,5\n');
    expect(vitest(folder, 'true').status).toBe(0);
    writeFileSync(golden, 'city,total\nBern,6\n');
    expect(vitest(folder, 'true').stderr).toContain('by_city.csv');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const table = ({ output }: { readonly output: string }) => linesOfRun(output);

test('the first lesson: what it writes, runs and shows', async () => {
  const workspace = new TestWorkspace();
  try {
    const files = blocksOf(LESSON, '').concat(
      BLOCKS.filter(({ page, path }) => page === LESSON && path !== null),
    );
    expect(files.map(({ path }) => path)).toEqual([
      'packages/weather/package.json',
      'packages/weather/src/index.ts',
    ]);
    workspace.write(Object.fromEntries(files.map(({ path, text }) => [path ?? '', text])));
    const source = 'packages/weather/src/index.ts';
    const run = () => workspace.nx(['run', 'weather:materialize']);
    const first = await run();
    expect(workspace.read('output/warmest_days.csv')).toBe(blocksOf(LESSON, 'csv')[0]?.text);
    const second = await run();
    workspace.edit(source, (text) => text.replace('18.2', '18.3'));
    const third = await run();
    workspace.edit(source, (text) => text.replace('celsius: 19', "celsius: 'cold'"));
    const fourth = await run();
    expect([first.code, second.code, third.code, fourth.code]).toEqual([0, 0, 0, 1]);
    const printed = new Set([first, second, third, fourth].flatMap(table));
    expect(shownRuns(LESSON).filter((line) => !printed.has(line))).toEqual([]);
  } finally {
    workspace.dispose();
  }
});

test('the step from one file to a file for each asset: the edit of the first lesson runs less', async () => {
  const workspace = new TestWorkspace();
  const write = (page: string) =>
    workspace.write(
      Object.fromEntries(
        BLOCKS.filter((block) => block.page === page && block.path !== null).map(({ path, text }) => [
          path ?? '',
          text,
        ]),
      ),
    );
  const run = () => workspace.nx(['run', 'weather:materialize']);
  try {
    write(LESSON);
    await run();
    write(COMPARED);
    const moved = await run();
    expect(moved.output).toContain('3 assets: 3 materialized');
    const same = [...moved.output.matchAll(/(weather\/\w+) .*same data/g)].map(([, key]) => key);
    expect(new Set(same).size).toBe(3);
    workspace.edit('packages/weather/src/temperatures.ts', (text) => text.replace('18.2', '18.3'));
    const printed = table(await run());
    const shown = shownRuns(COMPARED);
    expect(shown.length).toBeGreaterThan(3);
    expect(
      shown.filter((line) => !printed.includes(line)),
      printed.join('\n'),
    ).toEqual([]);
  } finally {
    workspace.dispose();
  }
});

describe('in a copy of this workspace', () => {
  let workspace: TestWorkspace;
  const printed = new Set<string>();
  const run = async (...args: readonly string[]) => {
    const result = await workspace.nx(args);
    for (const line of table(result)) printed.add(line);
    return result;
  };
  const everything = ['run-many', '-t', 'materialize'] as const;

  beforeAll(async () => {
    workspace = referenceWorkspace(everyPackage());
    expect((await run(...everything)).code).toBe(0);
  });
  afterAll(() => workspace.dispose());

  test('every record fits the schema', () => {
    const records = globSync('output/**/*.record.json', { cwd: workspace.root });
    expect(records.length).toBeGreaterThan(ALL.length);
    for (const path of records) {
      const { error } = assetRecordSchema.safeParse(JSON.parse(workspace.read(path)));
      expect(error?.issues ?? [], path).toEqual([]);
    }
  });

  test('the record that is shown is the one that a run writes', () => {
    const [shown] = blocksOf('docs/records.md', 'json');
    expect(JSON.parse(workspace.read('output/analytics/top_authors.record.json'))).toMatchObject(
      JSON.parse(shown?.text ?? '') as object,
    );
  });

  test('the tables that are shown are those that runs print', async () => {
    const users = 'packages/transforms/src/users_cleaned.ts';
    const authors = 'packages/analytics/src/top_authors.ts';
    workspace.edit(users, (text) => `${text}// a comment\n`);
    await run(...everything);
    workspace.git('checkout', '-q', '.');
    workspace.edit('packages/transforms/src/posts_cleaned.ts', (text) =>
      text.replace('FROM tidy`', 'FROM tidy WHERE post_id <> 6`'),
    );
    await run(...everything);
    workspace.git('checkout', '-q', '.');
    await run(...everything);
    workspace.edit(authors, (text) =>
      text.replace('// Order', "if (rowsOf) throw new Error('no');\n    // Order"),
    );
    expect((await run(...everything)).code).toBe(1);
    workspace.git('checkout', '-q', '.');
    const made = BLOCKS.find(({ path }) => path === 'packages/analytics/src/posts_by_city.ts');
    workspace.write({ [made?.path ?? '']: made?.text ?? '' });
    workspace.edit(
      'packages/analytics/src/index.ts',
      (text) => `${text}export { posts_by_city } from './posts_by_city.ts';\n`,
    );
    await run('run', 'analytics:posts_by_city');
    await run(...everything, '--refresh');
    await run('reset');
    await run('run', 'exports:users_csv');
    workspace.write({ 'output/transforms/users_cleaned.parquet': 'edited' });
    await run('reset');
    await run('run', 'exports:users_csv');
    const pages = ['README.md', MODULAR, 'docs/incremental-runs.md'];
    // The lesson's asset was there when some of these ran.
    const shown = shownRuns(...pages).filter((line) => !/^\d+ assets: 3 materialized/.test(line));
    expect(shown.length).toBeGreaterThan(30);
    expect(shown.filter((line) => !printed.has(line))).toEqual([]);
  });

  test('every sample of an asset materializes', async () => {
    const samples = BLOCKS.filter(
      ({ language, path, text }) => language === 'ts' && path === null && /= (asset|csv)\(/.test(text),
    ).filter(({ text }) => !/fetch\(|external\(|httpClient\(/.test(text)); // these look outside
    const files = Object.fromEntries(samples.map(({ text }, index) => [`sample_${index}.ts`, text]));
    const index = Object.keys(files).map((file) => `export * from './${file}';\n`);
    workspace.write({ 'shared/cities/all.csv': 'city,square_kilometres\nOslo,454.1\n' });
    workspace.group('samples', { ...files, 'index.ts': index.join('') });
    const { assets, output, code } = await workspace.materialize(['run', 'samples:materialize']);
    expect(code, output).toBe(0);
    const names = samples.flatMap(({ text }) => [...text.matchAll(/export const (\w+) = (?:asset|csv)\(/g)]);
    expect(names.length).toBeGreaterThan(10);
    expect(assets.filter(({ key }) => key.startsWith('samples/')).map(({ status }) => status)).toEqual(
      names.map(() => 'materialized'),
    );
  });
});
