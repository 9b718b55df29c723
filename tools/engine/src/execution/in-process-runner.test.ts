import { join } from 'node:path';
import { assetKey, isAsset } from '@nx-assets/core';
import * as lab from '../contracts/lab.ts';
import { stepRunnerContract } from '../contracts/step-runner.contract.ts';
import type { GroupSource, NamedAsset } from '../definitions.ts';
import { describe } from '../describe.ts';
import { Partitioning } from '../partitioning.ts';
import { StepPlace } from '../test-support.ts';
import { InProcessRunner } from './in-process-runner.ts';

const group: GroupSource = {
  name: 'lab',
  root: 'src/contracts',
  entry: 'lab.ts',
  description: '',
  owner: null,
  reserved: [],
};

stepRunnerContract('the runner of this process', async () => {
  const place = new StepPlace();
  const entry = join(import.meta.dirname, '../contracts/lab.ts');
  const assets: NamedAsset[] = Object.entries(lab).flatMap(([name, definition]) =>
    isAsset(definition) ? [{ key: assetKey('lab', name), group, entry, definition }] : [],
  );
  const { groups } = describe(join(import.meta.dirname, '../..'), [group], { assets, others: [] });
  const manifests = new Map(groups.flatMap((one) => one.assets.map((manifest) => [manifest.key, manifest])));
  const runner = new InProcessRunner({
    environment: place.environment(),
    partitioning: new Partitioning(manifests, { now: Date.now(), dynamicKeys: () => [], custom: () => null }),
    isForced: () => false,
    refresh: false,
    pools: {},
    definitions: () => Promise.resolve(new Map(assets.map(({ key, definition }) => [key, definition]))),
  });
  return { runner, manifests, close: () => place.close() };
});
