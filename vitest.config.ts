import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests start some thousand processes, each in a workspace that has no compiled code yet: they share it, and take half
// the time.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

/** One project per package, named as Nx names it, so `vitest run --project transforms` needs no config of its own. */
const packages = ['packages', 'tools'].flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({
      extends: true as const,
      test: {
        name: entry.name,
        root: `${folder}/${entry.name}`,
        include: ['src/**/*.test.ts'],
        // What they import takes longer to load than most of them run: files of a worker share it.
        isolate: false,
        // Speed is for benchmarks: a property over hundreds of cases may share its core with builds.
        testTimeout: 30_000,
      },
    })),
);

/** What `npm test` runs of tests/: a file for each kind of promise. `.ci/run` runs all, and a file can be named. */
const QUICK = [
  'boundaries',
  'cancel',
  'changes',
  'commands',
  'config',
  'console',
  'contract',
  'control',
  'histories',
  'history',
  'owners',
  'plan',
  'secrets',
].map((name) => `tests/${name}.test.ts`);
const hasAll = process.env['THOROUGH'] === '1' || process.argv.some((word) => word.startsWith('tests/'));

export default defineConfig({
  test: {
    passWithNoTests: true,
    // Its second is short where tests share two cores.
    expect: { poll: { timeout: 30_000 } },
    setupFiles: join(import.meta.dirname, 'fuzz-runs.ts'),
    coverage: {
      provider: 'v8',
      exclude: ['**/*.test.ts', '**/index.ts'],
      reportsDirectory: 'coverage',
      reporter: ['text', 'json-summary'],
      // For the pure rooms, whose test targets ask for coverage and say of which files.
      thresholds: { statements: 97, branches: 95, functions: 97, lines: 97 },
    },
    projects: [
      ...packages,
      {
        extends: true,
        // These run the real tools on the real packages.
        test: {
          name: 'front-door',
          include: hasAll ? ['tests/*.test.ts'] : QUICK,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
