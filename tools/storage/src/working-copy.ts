import { statSync } from 'node:fs';
import type { DataVersion } from '@nx-assets/core/data';
import { isLink } from './hash-cache.ts';
import { hashFile } from './hash.ts';
import { absolute } from './layout.ts';
import type { ValueRecord } from './record.ts';

// Looks at what lies under output/, at once, for decisions over very many values. Who reads a value asks a store.

/** sha256 of the bytes, hex; `null` where there are none. */
export const workingCopyHash = (root: string, { path }: Pick<ValueRecord, 'path'>): DataVersion | null =>
  isLink(absolute(root, path)) ? null : hashFile(absolute(root, path));

/** How many bytes there are; `null` where there are none. */
export const workingCopySize = (root: string, { path }: Pick<ValueRecord, 'path'>): number | null =>
  statSync(absolute(root, path), { throwIfNoEntry: false })?.size ?? null;
