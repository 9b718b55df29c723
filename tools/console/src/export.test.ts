import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { exportPages } from './export.ts';
import { FixedApi } from './test-support.ts';
import type { Answers } from './wire/index.ts';

const NASTY = '</script><script>alert(1)</script>\u2028';

function begin() {
  const folder = mkdtempSync(join(tmpdir(), 'console-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [pages, to] = [join(folder, 'pages'), join(folder, 'to')];
  mkdirSync(join(pages, 'files'), { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<head>\n    <script defer src="./files/app.js"></script></head>');
  writeFileSync(join(pages, 'files/app.js'), 'app();');
  const answers = {
    '/api/workspace': {
      at: 5,
      assets: [
        { group: 'lab', name: 'a b', hasPartitions: false },
        { group: 'lab', name: 'days', hasPartitions: true },
      ],
    },
    '/api/assets/:group/:name': { description: NASTY },
    '/api/assets/:group/:name/history': [],
    '/api/assets/:group/:name/preview': { kind: 'none', because: '' },
    '/api/assets/:group/:name/partitions': { states: 'f' },
    '/api/runs': [{ id: 'r1' }],
    '/api/runs/:id': { again: [] },
    '/api/runs/:id/logs': { lines: [], hasMore: false },
    '/api/checks': [],
    '/api/automation': { leader: null },
    '/api/automation/ticks': [],
  } as unknown as Partial<Answers>;
  return { api: new FixedApi(answers), pages, to };
}

interface Exported {
  readonly at: number;
  readonly answers: Record<string, unknown>;
  readonly files: Readonly<Record<string, string>>;
}

/** Loads the scripts as a page does. */
function load(to: string): Exported {
  const page: { nxAssetsExport?: Exported } = {};
  const script = (file: string): unknown => runInNewContext(readFileSync(join(to, file), 'utf8'), page);
  script('data/index.js');
  for (const file of Object.values(page.nxAssetsExport?.files ?? {})) script(file);
  return page.nxAssetsExport as Exported;
}

test('writes each answer under the address by which pages ask for it', async () => {
  const { api, pages, to } = begin();
  const count = await exportPages(api, { pages, to, runs: 3 });
  const { at, answers, files } = load(to);
  expect(at).toBe(5);
  expect(Object.keys(answers).sort()).toEqual(
    [
      '/api/workspace',
      '/api/runs',
      '/api/runs/r1',
      '/api/runs/r1/logs',
      '/api/checks',
      '/api/automation',
      '/api/automation/ticks',
      ...['a%20b', 'days'].flatMap((name) => [
        `/api/assets/lab/${name}`,
        `/api/assets/lab/${name}/history`,
        `/api/assets/lab/${name}/preview`,
      ]),
      '/api/assets/lab/days/partitions',
    ].sort(),
  );
  expect(count).toBe(Object.keys(answers).length);
  expect(Object.keys(files)).not.toContain('/api/workspace');
  expect(answers['/api/assets/lab/days/partitions']).toEqual({ states: 'f' });
  expect(api.asked.find(({ path }) => path === '/api/runs')?.query).toEqual({ limit: '3' });
});

test('what data says ends no script', async () => {
  const { api, pages, to } = begin();
  await exportPages(api, { pages, to, runs: 1 });
  for (const file of readdirSync(join(to, 'data')))
    expect(readFileSync(join(to, 'data', file), 'utf8')).not.toContain('</script');
  expect(load(to).answers['/api/assets/lab/days']).toEqual({ description: NASTY });
});

test('the page loads the answers before itself, also when it is exported again', async () => {
  const { api, pages, to } = begin();
  await exportPages(api, { pages, to, runs: 1 });
  await exportPages(api, { pages, to, runs: 1 });
  const sources = [...readFileSync(join(to, 'index.html'), 'utf8').matchAll(/src="([^"]+)"/g)];
  expect(sources.map(([, source]) => source)).toEqual(['./data/index.js', './files/app.js']);
});

test('replaces what an export wrote before, and leaves what is of others', async () => {
  const { api, pages, to } = begin();
  mkdirSync(join(to, 'data'), { recursive: true });
  mkdirSync(join(to, 'files'));
  for (const file of ['data/99.js', 'files/old.js', 'mine.txt']) writeFileSync(join(to, file), 'old');
  await exportPages(api, { pages, to, runs: 0 });
  expect(readdirSync(join(to, 'data'))).not.toContain('99.js');
  expect(readdirSync(join(to, 'files'))).toEqual(['app.js']);
  expect(readFileSync(join(to, 'mine.txt'), 'utf8')).toBe('old');
});
