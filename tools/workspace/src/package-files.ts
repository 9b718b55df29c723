import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders in which no package of the workspace lies. */
const SKIPPED = new Set(['node_modules', '.git', '.nx', 'output', 'dist']);

/**
 * The package.json files of a workspace, as Nx would hand them to a plugin, without starting Nx: those that neither git
 * nor `.nxignore` ignores. Where there is no git, all outside of folders for tools.
 */
export function findPackageFiles(root: string): string[] {
  try {
    const listed = list(root, ['--cached', '--others', '--exclude-standard']);
    const hidden = existsSync(join(root, '.nxignore'))
      ? list(root, ['--cached', '--others', '--ignored', '--exclude-from=.nxignore'])
      : new Set<string>();
    // git also lists what was deleted and not yet committed as deleted.
    return [...listed].filter(
      (path) => !hidden.has(path) && !path.includes('node_modules/') && existsSync(join(root, path)),
    );
  } catch {
    return walk(root, '');
  }
}

function list(root: string, flags: readonly string[]): Set<string> {
  const listed = execFileSync('git', ['ls-files', '-z', ...flags, '--', 'package.json', '*/package.json'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
  return new Set(listed.split('\0').filter((path) => path !== ''));
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(root, path);
    return entry.name === 'package.json' ? [path] : [];
  });
}
