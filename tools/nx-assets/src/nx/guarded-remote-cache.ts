import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RemoteCacheProblem } from '@nx-assets/runner/remote-cache-problem';

/** What a remote cache gives to Nx: where the files of a task are, and what it said. */
export interface RemoteResult {
  readonly outputsPath: string;
  readonly code: number;
  readonly terminalOutput?: string;
  readonly size?: number;
}

/** A remote cache as Nx uses it, of whichever kind. */
export interface RemoteCache {
  retrieve(hash: string, cacheDirectory: string): Promise<RemoteResult | null>;
  store(hash: string, cacheDirectory: string, terminalOutput: string, code: number): Promise<boolean>;
}

export interface Patience {
  /** Milliseconds that a request may take. */
  readonly limit: number;
  /** Milliseconds until the second attempt. */
  readonly pause: number;
  /** After how many failures in a row nothing is asked for any more. */
  readonly failures: number;
}

export interface GuardOptions {
  /** Why what a remote cache gave under a hash is not what it should be; `null` where it is, or nobody knows. */
  readonly problemOf: (hash: string, folder: string) => string | null;
  readonly onProblem: (problem: Omit<RemoteCacheProblem, 'key'>) => void;
  readonly patience: Patience;
}

const LEFT_ALONE = 'it was not asked any more after it had failed several times';

class Timeout extends Error {}

/**
 * A remote cache that cannot end a run. Nx gives up a whole run at the first request that fails, and unpacks whatever it
 * gets. Here a result that is not given, or is not what it should be, is one that the cache does not have; one that is
 * not taken stays on this machine.
 */
export class GuardedRemoteCache implements RemoteCache {
  readonly #remote: RemoteCache;
  readonly #options: GuardOptions;
  #failures = 0;

  constructor(remote: RemoteCache, options: GuardOptions) {
    this.#remote = remote;
    this.#options = options;
  }

  /** Unpacks beside the cache: half an entry, or one that arrives too late, never gets into it. */
  async retrieve(hash: string, cacheDirectory: string): Promise<RemoteResult | null> {
    const folders: string[] = [];
    try {
      return await this.#ask('unread', hash, async () => {
        const folder = mkdtempSync(join(cacheDirectory, 'remote-'));
        folders.push(folder);
        const result = await this.#inTime(this.#remote.retrieve(hash, folder));
        return result && this.#accept(hash, result, folder, cacheDirectory);
      });
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    }
  }

  async store(hash: string, cacheDirectory: string, terminalOutput: string, code: number): Promise<boolean> {
    const attempt = () => this.#inTime(this.#remote.store(hash, cacheDirectory, terminalOutput, code));
    return (await this.#ask('unstored', hash, attempt)) ?? false;
  }

  /** Moves a result into the cache, if it is what it should be. */
  #accept(hash: string, result: RemoteResult, folder: string, cacheDirectory: string): RemoteResult | null {
    const reason = this.#options.problemOf(hash, result.outputsPath);
    if (reason !== null) {
      this.#options.onProblem({ kind: 'invalid', hash, reason });
      return null;
    }
    // Some caches have a folder of their own.
    if (dirname(result.outputsPath) !== folder) return result;
    const outputsPath = join(cacheDirectory, hash);
    rmSync(outputsPath, { recursive: true, force: true });
    renameSync(result.outputsPath, outputsPath);
    return { ...result, outputsPath };
  }

  /** Two attempts; `null` where both fail. */
  async #ask<T>(
    kind: 'unread' | 'unstored',
    hash: string,
    attempt: () => Promise<T | null>,
  ): Promise<T | null> {
    const { onProblem, patience } = this.#options;
    if (this.#failures >= patience.failures) {
      onProblem({ kind, hash, reason: LEFT_ALONE });
      return null;
    }
    try {
      const answer = await attempt().catch(async (error: unknown) => {
        if (error instanceof Timeout) throw error;
        await wait(patience.pause);
        return attempt();
      });
      this.#failures = 0;
      return answer;
    } catch (error) {
      // Another wait as long is more than anybody wants.
      this.#failures += error instanceof Timeout ? patience.failures : 1;
      onProblem({ kind, hash, reason: reasonOf(error, hash) });
      return null;
    }
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const { limit } = this.#options.patience;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Timeout(`no answer within ${limit / 1_000} s`)), limit);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** In one line: below it, Nx has a stack of its own. Without what differs from result to result. */
function reasonOf(error: unknown, hash: string): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return line
    .replaceAll(/[^\s`'"]*remote-[^/\\]{6}[/\\]/g, '')
    .replaceAll(hash, '…')
    .replace(/\.$/, '');
}
