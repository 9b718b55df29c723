/**
 * Writes docs/record.schema.json from the schema of records.
 *
 *     npx node docs/record-schema.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { recordJsonSchema } from '../tools/storage/src/record-schema.ts';

/** The JSON Schema of a record, as text. */
export const recordSchema = (): Promise<string> =>
  format(JSON.stringify(recordJsonSchema()), { parser: 'json', printWidth: 110 });

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'record.schema.json'), await recordSchema());
