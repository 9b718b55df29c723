import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders in which no package of the workspace lies. */
const SKIPPED = new Set(['node_modules', '.git', '.nx', 'output', 'dist']);

/**
 * The package.json files of a workspace, as Nx would hand them to a plugin, without starting Nx: those that git does
 * not ignore. Where there is no git, all outside of folders for tools.
 */
export function findPackageFiles(root: string): string[] {
  try {
    const listed = execFileSync(
      'git',
      [
        'ls-files',
        '-z',
        '--cached',
        '--others',
        '--exclude-standard',
        '--',
        'package.json',
        '*/package.json',
      ],
      { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 },
    );
    // git also lists what was deleted and not yet committed as deleted.
    return [...new Set(listed.split('\0'))].filter(
      (path) => path !== '' && !path.includes('node_modules/') && existsSync(join(root, path)),
    );
  } catch {
    return walk(root, '');
  }
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(root, path);
    return entry.name === 'package.json' ? [path] : [];
  });
}
