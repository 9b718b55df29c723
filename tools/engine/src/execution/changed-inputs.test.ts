import { readFileSync, writeFileSync } from 'node:fs';
import { type AnyAsset, asset, type AssetKey, parseAssetKey } from '@nx-assets/core';
import { absolute, readRecord, valuePath, writeRecord } from '@nx-assets/storage/records';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { manifestOf } from '../contracts/sample-manifests.ts';
import { StepPlace } from '../test-support.ts';
import { execute } from './execute.ts';

let place: StepPlace;
beforeEach(() => void (place = new StepPlace()));
afterEach(() => place.close());

const A = parseAssetKey('g/a');
const B = parseAssetKey('g/b');
const output = { type: 'json' } as const;
const fileOf = (key: AssetKey) => absolute(place.root, valuePath(key, output, null));
const manifest = (key: AssetKey, deps: readonly AssetKey[] = []) =>
  manifestOf(key, {
    deps: Object.fromEntries(deps.map((dep) => [dep.slice(2), manifestOf(dep)])),
    output: { ...output, path: valuePath(key, output, null) },
  });

const rest = (definitions: ReadonlyMap<AssetKey, AnyAsset>) => ({
  environment: place.environment({ env: {}, signal: new AbortController().signal }),
  force: false,
  refresh: false,
  concurrency: 1,
  definitions: () => Promise.resolve(definitions),
  emit: () => undefined,
});

/** Runs `a`, and `b`, which is made from it and does something meanwhile. */
async function run(meanwhile: (times: number) => unknown, only: readonly AssetKey[] = [A, B]) {
  let times = 0;
  const a = asset({ description: 'a', value: z.string(), materialize: () => 'OLD' });
  const b = asset({
    description: 'b',
    deps: { a },
    value: z.string(),
    materialize: async (inputs) => {
      await meanwhile(++times);
      return inputs.a;
    },
  });
  const outcomes = await execute({
    manifests: only.map((key) => manifest(key, key === B ? [A] : [])),
    ...rest(
      new Map([
        [A, a],
        [B, b],
      ]),
    ),
  });
  return { outcome: outcomes.get(B), times };
}

const CHANGED = { status: 'failed', error: { code: 'INPUT_CHANGED_DURING_RUN' } };

test('an input that is written while it is read is not believed', async () => {
  const { outcome, times } = await run(() => writeFileSync(fileOf(A), '"NEW"\n'));
  expect(outcome).toMatchObject(CHANGED);
  expect(outcome?.error?.message).toContain(`${valuePath(A, output, null)}, which g/b reads`);
  expect([times, readRecord(place.root, B).status]).toEqual([1, 'missing']);
});

test('nor is one whose edit was undone', async () => {
  const { outcome } = await run(() => {
    const before = readFileSync(fileOf(A));
    writeFileSync(fileOf(A), '"NEW"\n');
    writeFileSync(fileOf(A), before);
  });
  expect(outcome).toMatchObject(CHANGED);
});

test('nor is one that this run has made, and another step has written since', async () => {
  const C = parseAssetKey('g/c');
  const a = asset({ description: 'a', value: z.string(), materialize: () => 'OLD' });
  const writes = () => (writeFileSync(fileOf(A), '"NEW"\n'), 'x');
  const b = asset({ description: 'b', deps: { a }, value: z.string(), materialize: writes });
  const c = asset({ description: 'c', deps: { a }, value: z.string(), materialize: (inputs) => inputs.a });
  const outcomes = await execute({
    manifests: [manifest(A), manifest(B, [A]), manifest(C, [A])],
    ...rest(
      new Map([
        [A, a],
        [B, b],
        [C, c],
      ]),
    ),
  });
  const codes = [B, C].map((key) => outcomes.get(key)?.error?.code);
  expect(codes).toEqual(['INPUT_CHANGED_DURING_RUN', 'UPSTREAM_MISSING']);
});

test('where another run replaced it, the step begins anew with that', async () => {
  const { outcome, times } = await run((attempt) => {
    if (attempt > 1) return;
    // As another run does: another value, with another record.
    const reading = readRecord(place.root, A);
    if (reading.status !== 'found') throw new Error('no record');
    writeFileSync(fileOf(A), readFileSync(fileOf(A)));
    writeRecord(place.root, { ...reading.record, finishedAt: '2030-01-01T00:00:00.000Z' });
  });
  expect([outcome?.status, times]).toEqual(['materialized', 2]);
});
