import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stepRunnerContract } from '@nx-assets/engine/contracts';
import { TestWorkspace } from '@nx-assets/testing';
import { processRunner } from './process-runner.ts';
import { lastManifest, readManifest } from '@nx-assets/workspace/manifest';

const engine = dirname(createRequire(import.meta.url).resolve('@nx-assets/engine/package.json'));
const lab = readFileSync(join(engine, 'src/contracts/lab.ts'), 'utf8');

stepRunnerContract('the runner of a process for each unit', async () => {
  const workspace = new TestWorkspace({
    'packages/lab/package.json': JSON.stringify({ name: 'lab', 'nx-assets': {}, type: 'module' }),
    'packages/lab/src/index.ts': lab,
  });
  const { root } = workspace;
  const group = { name: 'lab', root: 'packages/lab', entry: 'src/index.ts', description: '', owner: null };
  await readManifest(root, [{ ...group, reserved: [] }]);
  return {
    runner: processRunner({ root, runId: 'r', env: process.env, refresh: false, isForced: () => false }),
    manifests: lastManifest(root),
    close: () => workspace.dispose(),
  };
});
