import { afterAll, beforeAll, expect, test } from 'vitest';
import { Snapshot } from './snapshot.ts';
import { Lab } from './test-support.ts';

const SOURCE = `
import { asset } from '@nx-assets/core';
import { z } from 'zod';

export const one = asset({ description: 'One.', value: z.int(), materialize: () => 1 });
`;

let lab: Lab;
beforeAll(() => {
  lab = new Lab(SOURCE);
});
afterAll(() => lab.dispose());

test('keeps what last loaded while definitions are broken, and says why', async () => {
  const snapshot = await Snapshot.open(lab.context);
  expect(snapshot).toMatchObject({ revision: 1, problem: null });
  expect(snapshot.statuses['lab/one']?.statuses).toEqual(['missing']);
  expect(await snapshot.look()).toEqual({ definitionsChanged: false, problemChanged: false, statuses: {} });

  lab.edit("'One.'", "' '");
  const broken = await snapshot.look();
  expect(broken).toMatchObject({ definitionsChanged: false, problemChanged: true });
  expect(snapshot.problem).toMatchObject({ code: 'ASSET_DESCRIPTION_MISSING' });
  expect(snapshot.view(7)).toMatchObject({ cursor: 7, revision: 1, assets: [{ key: 'lab/one' }] });

  // Who begins now knows them as well.
  const late = await Snapshot.open(lab.context);
  expect(late.problem).toEqual(snapshot.problem);
  expect(late.view(0).assets.map(({ key }) => key)).toEqual(['lab/one']);

  lab.edit("' '", "'The first.'");
  expect(await snapshot.look()).toMatchObject({ definitionsChanged: true, problemChanged: true });
  expect(snapshot).toMatchObject({ revision: 2, problem: null });
  expect(snapshot.view(0).assets[0]?.description).toBe('The first.');
}, 120_000);

test('sees what a run has made', async () => {
  const snapshot = await Snapshot.open(lab.context);
  await lab.run('run-1', ['one']);
  expect(snapshot.statuses['lab/one']?.statuses).toEqual(['missing']);
  const { statuses } = await snapshot.look();
  expect(statuses).toMatchObject({ 'lab/one': { statuses: ['fresh'], last: [{ runId: 'run-1' }] } });
  expect((await snapshot.look()).statuses).toEqual({});
}, 120_000);
