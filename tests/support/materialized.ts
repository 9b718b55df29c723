import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDb, literal } from '@nx-assets/storage';
import type { Row } from './contract.ts';

export interface MaterializedTable {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}
