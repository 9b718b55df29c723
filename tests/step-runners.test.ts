import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepRunnerContract } from '@nx-assets/engine/contracts';
import { TestWorkspace } from '@nx-assets/testing';
import { processRunner } from '../tools/nx-assets/src/isolate.ts';
import { lastManifest } from '../tools/nx-assets/src/manifest.ts';

const LAB = join(import.meta.dirname, '../tools/engine/src/contracts/lab.ts');

stepRunnerContract('the runner of a process for each unit', async () => {
  const workspace = new TestWorkspace({
    'packages/lab/package.json': JSON.stringify({ name: 'lab', 'nx-assets': {}, type: 'module' }),
    'packages/lab/src/index.ts': readFileSync(LAB, 'utf8'),
  });
  // Any nx command finds the definitions.
  await workspace.nx(['show', 'projects']);
  const { root } = workspace;
  return {
    runner: processRunner({ root, refresh: false, isForced: () => false }),
    manifests: lastManifest(root),
    close: () => workspace[Symbol.dispose](),
  };
});
