import { AssetError } from '@nx-assets/core';
import type { z } from 'zod';
import { partsOf } from './schema-parts.ts';

/**
 * Rows of a query are checked where they are: nothing of a schema can change them. Throws `SCHEMA_UNSUPPORTED`
 * with the first field whose schema would, and what to write instead.
 */
export function refuseChanges(schema: z.ZodObject, source: string): void {
  for (const { schema: part, path } of partsOf(schema)) {
    const change = changeOf(part);
    if (change === null) continue;
    const field = path === '' ? 'The schema' : `The field "${path}"`;
    throw new AssetError(
      'SCHEMA_UNSUPPORTED',
      `${field} of ${source} ${change.what}, but rows of a query are checked, not changed.`,
      { remedy: change.remedy },
    );
  }
}

interface Change {
  readonly what: string;
  readonly remedy: string;
}

function changeOf({ _zod: { def } }: z.core.$ZodTypes): Change | null {
  if (def.checks?.some((check) => check._zod.def.check === 'overwrite')) {
    return {
      what: 'is rewritten by its schema (.trim(), .toLowerCase(), .normalize() …)',
      remedy:
        'Do it in the SQL, for example with trim(name) or lower(name), and let the schema only check it, for example with .regex(/^\\S/).',
    };
  }
  if ('coerce' in def && def.coerce === true) {
    return { what: 'is coerced (z.coerce)', remedy: 'Cast it in the SQL, and leave .coerce out.' };
  }
  switch (def.type) {
    case 'transform':
      return {
        what: 'is transformed (.transform(), z.preprocess(), z.codec() …)',
        remedy: 'Do it in the SQL, and let the schema describe what comes out.',
      };
    case 'catch':
      return {
        what: 'replaces what does not fit (.catch())',
        remedy: 'Write coalesce(…) or CASE in the SQL instead.',
      };
    case 'success':
      return { what: 'is only asked whether it fits (z.success())', remedy: 'Compute it in the SQL.' };
    case 'pipe':
      return 'transform' in def
        ? { what: 'is transformed by a codec', remedy: 'Do it in the SQL, and let the schema check it.' }
        : null;
    default:
      return 'normalize' in def && def.normalize === true
        ? { what: 'is normalized', remedy: 'Do it in the SQL, and leave `normalize` out.' }
        : null;
  }
}
