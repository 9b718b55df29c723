import type { KnipConfig } from 'knip';

const source = { project: ['src/**/*.ts'] };

const config: KnipConfig = {
  workspaces: {
    '.': {
      // `nx release` publishes through @nx/js; the node package puts Node 24 on the path.
      ignoreDependencies: ['@nx/js', 'jsonplaceholder'],
      entry: ['tests/*.test.ts', 'bench/*.ts', 'docs/*.ts', '.ci/*.ts', 'tsup.base.ts'],
      project: ['*.ts', 'tests/**/*.ts', 'bench/**/*.ts', 'docs/*.ts', '.ci/*.ts'],
    },
    'packages/*': source,
    // The embedded server reads its data.json by name.
    'packages/jsonplaceholder': { ...source, ignoreDependencies: ['jsonplaceholder'] },
    'tools/*': source,
    // The engine writes down which DuckDB wrote a file: it asks for its package.json by name.
    'tools/engine': { ...source, ignoreDependencies: ['@duckdb/node-api'] },
    // The rig names the plugin in an nx.json.
    'tools/testing': { ...source, ignoreDependencies: ['nx-assets'] },
    // Nx finds these by the names in executors.json, and the plugin starts workers by path.
    'tools/nx-assets': { ...source, entry: ['src/*.ts'] },
  },
};

export default config;
