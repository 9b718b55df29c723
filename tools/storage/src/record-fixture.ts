import { assetKey, type DataVersion } from '@nx-assets/core';
import { hashText } from './hash.ts';
import { valuePath } from './layout.ts';
import type { AssetRecord } from './record.ts';

export const DAYS = { key: assetKey('lab', 'days'), output: { type: 'json', path: 'x' } } as const;

/** The record of a partition whose value is `text`. */
export function recordOf(partition: string, text: string, given: Partial<AssetRecord> = {}): AssetRecord {
  return {
    recordVersion: 1,
    key: DAYS.key,
    partition,
    runId: 'run-1',
    actionKey: hashText(`action of ${text}`),
    code: {
      version: 'v1',
      file: 'f.ts',
      files: { 'f.ts': 'h' },
      packages: {},
      definition: 'd',
      runtime: 'r',
    },
    inputs: {},
    env: {},
    observedAt: null,
    dataVersion: hashText(text) as DataVersion,
    value: {
      type: 'json',
      path: valuePath(DAYS.key, DAYS.output, partition),
      bytes: Buffer.byteLength(text),
      rowCount: null,
      columns: null,
    },
    statistics: null,
    checks: [],
    metadata: { of: text },
    preview: null,
    startedAt: '2026-03-01T00:00:00.000Z',
    finishedAt: '2026-03-01T00:00:01.000Z',
    engine: { node: '24' },
    ...given,
  };
}
