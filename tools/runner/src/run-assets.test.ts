import { readRecord } from '@nx-assets/storage/records';
import { TestWorkspace } from '@nx-assets/testing';
import { readManifest } from '@nx-assets/workspace/manifest';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runAssets } from './run-assets.ts';
import { RUN_ID } from './run-id.ts';
import { key, Scene } from './test-support.ts';

const LAB = `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const value = z.object({ token: z.string() });
const materialize = () => ({ token: process.env.LAB_TOKEN ?? "none" });
export const here = asset({ description: 'In the process of the run.', value, materialize: () => ({ token: '' }) });
export const apart = asset({ description: 'In a process of its own.', isolated: true, value, materialize });
`;

async function runLab(env: NodeJS.ProcessEnv) {
  const workspace = new TestWorkspace({
    'packages/lab/package.json': JSON.stringify({ name: 'lab', 'nx-assets': {}, type: 'module' }),
    'packages/lab/src/index.ts': LAB,
  });
  onTestFinished(() => workspace.dispose());
  const { root } = workspace;
  const group = { name: 'lab', root: 'packages/lab', entry: 'src/index.ts', description: '', owner: null };
  await readManifest(root, [{ ...group, reserved: [] }]);
  const { context } = new Scene(root, env);
  const keys = [key('lab/here'), key('lab/apart')];
  const outcomes = await runAssets({ context, keys, refresh: false });
  expect([...outcomes.values()].map(({ status }) => status)).toEqual(['materialized', 'materialized']);
  const runIds = keys.map((one) => {
    const reading = readRecord(root, one);
    return reading.status === 'found' ? reading.record.runId : null;
  });
  return { runIds, token: workspace.read('output/lab/apart.json') };
}

describe('a step in a process of its own', () => {
  test('belongs to the run of the process that started it, and sees its environment', async () => {
    const { runIds, token } = await runLab({ [RUN_ID]: 'given.2', LAB_TOKEN: 'secret' });
    expect(runIds).toEqual(['given', 'given']);
    expect(token).toContain('secret');
  }, 60_000);

  test('belongs to the same run, where that has no name yet', async () => {
    const { runIds } = await runLab({});
    expect(runIds).toEqual([`20260301T120000000-${process.pid}`, `20260301T120000000-${process.pid}`]);
  }, 60_000);
});
