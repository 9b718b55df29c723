import { assetKey } from '@nx-assets/core';
import { expect, test } from 'vitest';
import { viewOf } from './table-names.ts';

test.each([
  [assetKey('sources', 'users'), '"sources"."users"'],
  [assetKey('dynamic-assets', 'revenue_in'), '"dynamic-assets"."revenue_in"'],
  // Words of SQL are names like any other.
  [assetKey('select', 'from'), '"select"."from"'],
])('%s is %s in a query', (key, view) => {
  expect(viewOf(key)).toBe(view);
});
