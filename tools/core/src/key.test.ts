import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssetError } from './diagnostics.ts';
import { assetKey, groupOf, nameOf, parseAssetKey } from './key.ts';

const group = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,12}$/);
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof AssetError ? error.code : 'another error';
  }
  return 'no error';
};

describe('asset keys', () => {
  test('take apart to the group and name that they were put together from', () => {
    fc.assert(
      fc.property(group, name, (group, name) => {
        const key = assetKey(group, name);
        expect(key).toBe(`${group}/${name}`);
        expect(groupOf(key)).toBe(group);
        expect(nameOf(key)).toBe(name);
        expect(parseAssetKey(key)).toBe(key);
      }),
    );
  });

  test('parsing takes any text, and gives a key or ASSET_NAME_INVALID', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('a', '_', '/', '-', '1', 'A', '.') }),
    );
    fc.assert(
      fc.property(text, (text) => {
        const isKey = /^[a-z0-9][a-z0-9_-]*\/[a-z][a-z0-9_]*$/.test(text) && !text.includes('\n');
        expect(codeOf(() => parseAssetKey(text))).toBe(isKey ? 'no error' : 'ASSET_NAME_INVALID');
      }),
    );
  });

  test.each(['', 'Users', 'users-cleaned', '1st', '_users', 'usérs', 'a b', 'users\n', '../users'])(
    'refuse the name %j and say what a name looks like',
    (name) => {
      expect(() => assetKey('sources', name)).toThrow(
        /^ASSET_NAME_INVALID: .* lower-case letters, digits and underscores/s,
      );
    },
  );

  test.each(['', '-a', 'A', 'a/b', '..', 'a b', 'a\n'])('refuse the group %j', (group) => {
    expect(() => assetKey(group, 'users')).toThrow('is not a name for a group');
  });

  test('quote the whole text where there is one slash too many', () => {
    expect(() => parseAssetKey('a/b/c')).toThrow('"a/b/c" is not a key like group/name');
  });
});
