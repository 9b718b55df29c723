import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Redactor, secretsIn } from './redact.ts';

test('takes secrets out of texts, also as addresses have them', () => {
  const redactor = new Redactor(['pass word!']);
  expect(redactor.text('https://me:pass%20word!@host says pass word!')).toBe(
    'https://me:[secret]@host says [secret]',
  );
});

test.each([
  ['a form', new URLSearchParams({ token: 'pass "word"\nÜ' }).toString(), 'token=[secret]'],
  ['JSON', JSON.stringify({ token: 'pass "word"\nÜ' }), '{"token":"[secret]"}'],
  ['a header', `Basic ${Buffer.from('pass "word"\nÜ').toString('base64')}`, 'Basic [secret]'],
  ['a token', `t.${Buffer.from('pass "word"\nÜ').toString('base64url')}`, 't.[secret]'],
])('takes secrets out of %s', (_where, text, shown) => {
  expect(new Redactor(['pass "word"\nÜ']).text(text)).toBe(shown);
});

test('takes half of a pair for what it is', () => {
  expect(new Redactor(['half \ud83d']).text('half \ud83d!')).toBe('[secret]!');
});

test('takes the longest first, and knows those that it is told of later', () => {
  const redactor = new Redactor(['token']);
  redactor.add('token-and-more');
  expect(redactor.text('token-and-more token')).toBe('[secret] [secret]');
});

test('leaves what is too short to be one', () => {
  expect(new Redactor(['', 'a', 'abc']).text('abc a')).toBe('abc a');
});

test('nothing that it gives has a secret in it', () => {
  const secret = fc.string({ minLength: 4 }).filter((text) => !'[secret]'.includes(text));
  fc.assert(
    fc.property(secret, fc.jsonValue(), (text, value) => {
      const given = { [text]: text, value, deep: [{ text: `a${text}b` }] };
      const shown = new Redactor([text]).data(given);
      const strings: string[] = [];
      JSON.stringify(shown, (name, part: unknown) => {
        strings.push(name, ...(typeof part === 'string' ? [part] : []));
        return part;
      });
      expect(strings.filter((one) => one.replaceAll('[secret]', '').includes(text))).toEqual([]);
    }),
  );
});

test('without secrets gives the very data', () => {
  const given = { a: ['b'] };
  expect(new Redactor().data(given)).toBe(given);
});

test('knows the values of declared names alone', () => {
  const manifests = [{ secrets: ['TOKEN', 'NONE'] }, { secrets: [] }];
  expect(secretsIn(manifests, { TOKEN: 'abcd', PATH: '/bin' })).toEqual(['abcd']);
});
