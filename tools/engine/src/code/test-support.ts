import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { Code, type Declaration } from './closure.ts';

/** A folder for each test, and what code in it consists of. */
export class CodeFolder {
  root = '';

  constructor() {
    beforeEach(() => {
      this.root = realpathSync(mkdtempSync(join(tmpdir(), 'closure-')));
    });
    afterEach(() => rmSync(this.root, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.root, name);
  }

  write(files: Readonly<Record<string, string | object>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(this.path(path)), { recursive: true });
      writeFileSync(this.path(path), typeof content === 'string' ? content : JSON.stringify(content));
    }
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    rmSync(this.path(path), { force: true });
    symlinkSync(target, this.path(path));
  }

  /** A workspace package, linked as an install would. */
  workspacePackage(name: string, folder: string): void {
    const exports = { '.': './src/index.ts' };
    this.write({ [`${folder}/package.json`]: { name, version: '0.0.0', type: 'module', exports } });
    this.link(`node_modules/${name}`, this.path(folder));
  }

  installed(name: string, version: string, more: object = {}, at = 'node_modules'): void {
    this.write({
      [`${at}/${name}/package.json`]: { name, version, main: 'index.js', ...more },
      [`${at}/${name}/index.js`]: 'module.exports = 1;\n',
    });
  }

  closure(entry: string, isBoundary: (declaration: Declaration) => boolean = () => false) {
    return new Code(this.root).closureOf(this.path(entry), isBoundary);
  }

  filesOf(entry: string, isBoundary?: (declaration: Declaration) => boolean): string[] {
    return Object.keys(this.closure(entry, isBoundary).files);
  }

  /** The files of an entry where all `entries` load in a run. `assets` are exports of files that bear their own name. */
  filesInRun(entry: string, entries: readonly string[], assets: readonly string[] = []): string[] {
    return Object.keys(this.inRun(entry, entries, assets).files);
  }

  /** What an entry consists of, in the same way. */
  inRun(entry: string, entries: readonly string[], assets: readonly string[]) {
    const isAsset = ({ file, name }: Declaration) =>
      assets.includes(name) && file === this.path(`${name}.ts`);
    const code = new Code(this.root);
    code.loads(
      entries.map((name) => this.path(name)),
      isAsset,
    );
    return code.closureOf(this.path(entry), isAsset);
  }
}
