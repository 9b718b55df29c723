import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { suggest } from './suggest.ts';

describe('a suggestion', () => {
  test.each([
    ['user_cleaned', ['users_raw', 'users_cleaned', 'users'], 'users_cleaned'],
    ['gruop', ['group'], 'group'],
    ['Group', ['groups', 'group'], 'group'],
    ['kidn', ['kind', 'key'], 'kind'],
    ['tg', ['tag'], 'tag'],
    ['x', ['y'], null],
    ['x', ['X'], 'X'],
    ['', ['a'], null],
    ['http', ['name', 'key'], null],
    ['posts', [], null],
    ['abcd', ['abce', 'abcf'], 'abce'],
  ])('for %j among %j is %j', (word, candidates, nearest) => {
    expect(suggest(word, candidates)).toBe(nearest);
  });

  test('is the word itself where that is a candidate', () => {
    const words = fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.nat(), (words, pick) => {
        const word = words[pick % words.length] as string;
        expect(suggest(word, words)).toBe(word);
      }),
    );
  });

  test('finds a word of four letters or more again after one mistake', () => {
    const word = fc.stringMatching(/^[a-z_]{4,12}$/);
    const mistake = fc.constantFrom<(word: string, at: number) => string>(
      (word, at) => word.slice(0, at) + word.slice(at + 1),
      (word, at) => `${word.slice(0, at)}7${word.slice(at)}`,
      (word, at) => `${word.slice(0, at)}7${word.slice(at + 1)}`,
      (word, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2),
    );
    fc.assert(
      fc.property(word, mistake, fc.nat(), (word, mistake, at) => {
        expect(suggest(mistake(word, at % word.length), [word])).toBe(word);
      }),
    );
  });
});
