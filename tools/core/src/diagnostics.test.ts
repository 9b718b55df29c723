import { describe, expect, test } from 'vitest';
import { AssetError, type DiagnosticCode, DIAGNOSTICS } from './diagnostics.ts';

const codes = Object.entries(DIAGNOSTICS) as [DiagnosticCode, { blame: string; remedy: string }][];

describe('diagnostics', () => {
  test.each(codes)(
    '%s has a remedy in whole sentences and says whose bug it is',
    (code, { blame, remedy }) => {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
      expect(remedy).toMatch(/^[A-Z].{8,}\.$/);
      expect(['author', 'data', 'machine', 'framework']).toContain(blame);
    },
  );

  test('a message is the code, the facts and the remedy', () => {
    const error = new AssetError('ASSET_CYCLE', 'a → b → a.');
    expect(error.message).toBe('ASSET_CYCLE: a → b → a. Remove one import, or merge the assets.');
    expect(error).toMatchObject({
      name: 'AssetError',
      code: 'ASSET_CYCLE',
      facts: 'a → b → a.',
      remedy: 'Remove one import, or merge the assets.',
      blame: 'author',
    });
    expect(error).toBeInstanceOf(Error);
    expect('cause' in error).toBe(false);
  });

  test('a closer remedy replaces the general one, and the cause is kept', () => {
    const cause = new TypeError('x');
    const error = new AssetError('HTTP_FAILED', 'No answer.', { remedy: 'Wait.', cause });
    expect(error.message).toBe('HTTP_FAILED: No answer. Wait.');
    expect(error.remedy).toBe('Wait.');
    expect(error.cause).toBe(cause);
  });
});
