import type { KnipConfig } from 'knip';

const source = { project: ['src/**/*.ts'] };

const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: ['tests/*.test.ts', '.ci/*.ts', 'tsup.base.ts'],
      project: ['*.ts', 'tests/**/*.ts', '.ci/*.ts'],
    },
    'packages/*': source,
    'tools/*': source,
    // Nx finds these by the names in executors.json, and the plugin starts workers by path.
    'tools/nx-assets': { ...source, entry: ['src/*.ts'] },
  },
};

export default config;
