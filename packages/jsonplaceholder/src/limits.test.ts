import { expect, test } from 'vitest';
import { limitsOf } from './limits.ts';

test.each([
  [{}, {}],
  [{ JSONPLACEHOLDER_TIMEOUT: '', JSONPLACEHOLDER_RETRIES: ' ' }, {}],
  [{ JSONPLACEHOLDER_TIMEOUT: '1.5s' }, { timeout: 1500 }],
  [{ JSONPLACEHOLDER_TIMEOUT: '0.0001s' }, { timeout: 1 }],
  [{ JSONPLACEHOLDER_TIMEOUT: '90d' }, { timeout: 2 ** 31 - 1 }],
  [{ JSONPLACEHOLDER_RETRIES: '0' }, { retries: 0 }],
  [{ JSONPLACEHOLDER_MAX_BYTES: ' 1000000 ' }, { maxBytes: 1_000_000 }],
])('%j means %j', (env, limits) => {
  expect(limitsOf(env)).toEqual(limits);
});

test.each([
  ['JSONPLACEHOLDER_TIMEOUT', '30'],
  ['JSONPLACEHOLDER_TIMEOUT', 'soon'],
  ['JSONPLACEHOLDER_RETRIES', '-1'],
  ['JSONPLACEHOLDER_RETRIES', '1.5'],
  ['JSONPLACEHOLDER_MAX_BYTES', '1MB'],
])('%s=%s is refused, by name', (name, value) => {
  expect(() => limitsOf({ [name]: value })).toThrow(name);
  expect(() => limitsOf({ [name]: value })).toThrow('ASSET_OPTION_INVALID');
});
