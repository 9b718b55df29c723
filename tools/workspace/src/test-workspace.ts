import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const installed = createRequire(import.meta.url);

/** A workspace on disk, as far as definitions need one. The rig of `@nx-assets/testing` builds on this package. */
export class TestWorkspace {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')));

  constructor() {
    this.write({ 'nx.json': '{}', '.gitignore': 'node_modules\n.nx\noutput\n' });
    for (const name of ['zod', '@nx-assets/core'])
      this.#link(name, dirname(installed.resolve(`${name}/package.json`)));
  }

  #link(name: string, folder: string): void {
    const place = join(this.root, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(folder, place);
  }

  write(files: Readonly<Record<string, string>>): this {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), content);
    }
    return this;
  }

  group(name: string, files: Readonly<Record<string, string>>): this {
    const json = {
      name: `@test/${name}`,
      type: 'module',
      exports: './src/index.ts',
      nx: { name },
      'nx-assets': {},
    };
    this.write({ [`packages/${name}/package.json`]: JSON.stringify(json) });
    for (const [file, content] of Object.entries(files))
      this.write({ [`packages/${name}/src/${file}`]: content });
    this.#link(`@test/${name}`, join(this.root, 'packages', name));
    return this;
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  edit(path: string, change: (text: string) => string): void {
    this.write({ [path]: change(this.read(path)) });
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  git(...args: readonly string[]): void {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    execFileSync('git', [...identity, ...args], { cwd: this.root, stdio: 'ignore' });
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
