import type { z } from 'zod';
import type { Output } from './asset-model.ts';
import { AssetError } from './diagnostics.ts';

/** What an asset holds, from the one of `schema`, `value` and `file` that its definition gives. */
export function outputOf(definition: {
  readonly schema?: z.ZodObject | undefined;
  readonly value?: z.ZodType | undefined;
  readonly file?: string;
  readonly orderBy?: readonly string[];
}): Output {
  const { schema, value, file, orderBy = [] } = definition;
  const given = [schema && 'schema', value && 'value', file && 'file'].filter(Boolean);
  if (given.length !== 1) {
    const what = given.length === 0 ? 'says nothing of its value' : `has ${given.join(' and ')}`;
    throw new AssetError('ASSET_VALUE_AMBIGUOUS', `An asset ${what}.`);
  }
  if (schema) return { type: 'table', schema, orderBy: checkOrder(orderBy, schema) };
  if (orderBy.length > 0) {
    throw new AssetError('ASSET_OPTION_INVALID', 'Only a table, an asset with a `schema`, has an order.');
  }
  if (value) return { type: 'json', schema: value };
  return { type: 'file', path: outputPath(file as string) };
}

function checkOrder(orderBy: readonly string[], schema: z.ZodObject): readonly string[] {
  const unknown = orderBy.find((key) => !Object.hasOwn(schema.shape, key.replace(/^-/, '')));
  if (unknown === undefined) return orderBy;
  throw new AssetError(
    'ASSET_OPTION_INVALID',
    `orderBy names "${unknown}", which is no column of the schema.`,
  );
}

/** A path under output/, with forward slashes and no way out of it. */
function outputPath(path: string): string {
  const parts = path.split('/');
  if (path.includes('\\') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new AssetError('ASSET_OPTION_INVALID', `"${path}" is not a path under output/.`, {
      remedy: 'Write a relative path with forward slashes, for example reports/users.csv.',
    });
  }
  return path;
}
