import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { CodeFolder } from './code/test-support.ts';
import { packageOf } from './installed.ts';

const json = (content: object) => JSON.stringify(content);
const code = new CodeFolder();
const FILES = {
  'node_modules/plain/package.json': json({ name: 'plain', version: '1.0.0' }),
  'node_modules/plain/cjs/package.json': json({ name: 'plain-cjs' }),
  'node_modules/plain/types/package.json': json({ type: 'commonjs' }),
  'node_modules/@org/scoped/package.json': json({ name: '@org/scoped', version: '2.0.0' }),
  'node_modules/nameless/package.json': json({ version: '3.0.0' }),
  'node_modules/alias/package.json': json({ name: 'real', version: '4.0.0' }),
  'node_modules/.store/deep@5.0.0/node_modules/deep/package.json': json({ name: 'deep', version: '5.0.0' }),
  'node_modules/torn/package.json': '{ "name": "to',
};
// The folder is another one for each test.
beforeEach(() => code.write(FILES));

describe('the package of an installed file', () => {
  test.each([
    ['plain/i.js', 'plain', 'plain', '1.0.0'],
    // Others below what was installed come and go with it.
    ['plain/cjs/i.js', 'plain', 'plain', '1.0.0'],
    ['plain/types/deep/i.js', 'plain', 'plain', '1.0.0'],
    ['@org/scoped/dist/i.js', '@org/scoped', '@org/scoped', '2.0.0'],
    ['nameless/lib/i.js', 'nameless', 'nameless', '3.0.0'],
    ['alias/i.js', 'alias', 'real', '4.0.0'],
    ['.store/deep@5.0.0/node_modules/deep/i.js', '.store/deep@5.0.0/node_modules/deep', 'deep', '5.0.0'],
    ['torn/i.js', 'torn', 'torn', '0'],
    ['none/i.js', 'none', 'none', '0'],
    ['file.js', 'file.js', 'file.js', '0'],
  ])('%s', (path, root, name, version) => {
    const folder = join(code.root, 'node_modules');
    expect(packageOf(join(folder, path))).toEqual({ root: join(folder, root), name, version });
  });
});
