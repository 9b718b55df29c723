import { execFileSync } from 'node:child_process';

/** What git knows of a file. */
export interface FileHistory {
  /** Changed since the last commit, or not committed at all. */
  readonly isUncommitted: boolean;
  /** The last commit that changed it; `null` where there is none. */
  readonly commit: {
    readonly hash: string;
    readonly author: string;
    readonly at: string;
    readonly subject: string;
  } | null;
}

/** The history of a workspace file; `null` where there is no git. */
export function fileHistory(root: string, path: string): FileHistory | null {
  try {
    const status = git(root, ['status', '--porcelain', '--', path]);
    const [hash, author, at, subject] = git(root, [
      'log',
      '-1',
      '--format=%h%x00%an%x00%aI%x00%s',
      '--',
      path,
    ]).split('\0');
    const commit = hash && author && at ? { hash, author, at, subject: subject ?? '' } : null;
    return { isUncommitted: status !== '', commit };
  } catch {
    return null;
  }
}

/** The branch that is checked out; `null` where there is no git, or none is. */
export function currentBranch(root: string): string | null {
  try {
    return git(root, ['branch', '--show-current']) || null;
  } catch {
    return null;
  }
}

/** Paths are names of files, though they may look like patterns: `[id].ts`. */
const git = (root: string, args: readonly string[]): string =>
  execFileSync('git', ['--literal-pathspecs', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
