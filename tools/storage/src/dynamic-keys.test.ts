import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { changeDynamicKeys, readDynamicKeys } from './dynamic-keys.ts';
import { absolute, dynamicKeysPath } from './layout.ts';

const root = mkdtempSync(join(tmpdir(), 'dynamic-keys-'));
const NAME = 'customers';
const path = absolute(root, dynamicKeysPath(NAME));
const write = (text: string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
const error = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (thrown) {
    return thrown;
  }
};

beforeEach(() => rmSync(join(root, 'output'), { recursive: true, force: true }));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the keys of a dynamic set', () => {
  test('are none before the first, and stay in the order in which they came', () => {
    expect(readDynamicKeys(root, NAME)).toEqual([]);
    expect(changeDynamicKeys(root, NAME, { add: ['zeta', 'acme'] })).toEqual(['zeta', 'acme']);
    expect(changeDynamicKeys(root, NAME, { add: ['acme', 'beta'] })).toEqual(['zeta', 'acme', 'beta']);
    expect(changeDynamicKeys(root, NAME, { remove: ['acme', 'nobody'] })).toEqual(['zeta', 'beta']);
    expect(readDynamicKeys(root, NAME)).toEqual(['zeta', 'beta']);
    expect(readDynamicKeys(root, 'others')).toEqual([]);
  });

  test('are a file that a person can read and a diff can show', () => {
    changeDynamicKeys(root, NAME, { add: ['acme'] });
    expect(readFileSync(path, 'utf8')).toBe('{\n  "keys": [\n    "acme"\n  ]\n}\n');
  });

  test('that do not change leave the file as it is', () => {
    changeDynamicKeys(root, NAME, { add: ['acme'] });
    const before = statSync(path, { bigint: true });
    changeDynamicKeys(root, NAME, { add: ['acme'], remove: ['nobody'] });
    const after = statSync(path, { bigint: true });
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
  });

  test.each([['a/b'], [''], ['a,b'], ['a...b'], [' a']])(
    'are refused where one is %j, and those before stay',
    (key) => {
      changeDynamicKeys(root, NAME, { add: ['acme'] });
      const thrown = error(() => changeDynamicKeys(root, NAME, { add: ['fine', key] }));
      expect(thrown).toMatchObject({ code: 'PARTITION_KEY_INVALID' });
      expect(readDynamicKeys(root, NAME)).toEqual(['acme']);
    },
  );

  test('are refused where two differ in case only', () => {
    changeDynamicKeys(root, NAME, { add: ['acme'] });
    const thrown = error(() => changeDynamicKeys(root, NAME, { add: ['ACME'] }));
    expect(thrown).toMatchObject({ code: 'PARTITION_KEY_INVALID' });
    expect((thrown as Error).message).toMatch(/"ACME".*"acme".*case/);
    expect(readDynamicKeys(root, NAME)).toEqual(['acme']);
  });

  test.each([['{"keys": ["a"'], ['[]'], ['null'], ['{"keys": [1]}'], ['{"keys": "a"}'], ['']])(
    'in a file that is %j are an error, and never an empty list that is written over it',
    (text) => {
      write(text);
      const expected = {
        code: 'RECORD_INVALID',
        facts: 'output/.partitions/customers.json holds no list of keys.',
      };
      expect(error(() => readDynamicKeys(root, NAME))).toMatchObject(expected);
      expect(error(() => changeDynamicKeys(root, NAME, { add: ['b'] }))).toMatchObject(expected);
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  test('are after any changes what a list would have', () => {
    const keys = fc.subarray(['a', 'b', 'c', 'd']);
    const changes = fc.array(fc.record({ add: keys, remove: keys }), { maxLength: 6 });
    fc.assert(
      fc.property(changes, (all) => {
        rmSync(path, { force: true });
        let list: string[] = [];
        for (const change of all) {
          for (const key of change.add) if (!list.includes(key)) list.push(key);
          list = list.filter((key) => !change.remove.includes(key));
          expect(changeDynamicKeys(root, NAME, change)).toEqual(list);
          expect(readDynamicKeys(root, NAME)).toEqual(list);
        }
      }),
      { numRuns: 50 },
    );
  });
});
