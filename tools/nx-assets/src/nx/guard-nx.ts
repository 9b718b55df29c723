import { createRequire } from 'node:module';
import { join } from 'node:path';
import { GuardedRemoteCache, type GuardOptions, type RemoteCache } from './guarded-remote-cache.ts';

/** What of Nx's cache this needs: it asks for its remote cache once, and keeps it. */
interface NxCache {
  remoteCache?: RemoteCache | null;
}

type Method = (this: NxCache, ...args: unknown[]) => unknown;

/** Where Nx asks its remote cache for something. */
const ASKING = ['get', 'getBatch', 'put'] as const;

/**
 * Puts a guard between Nx and its remote cache, in a process in which Nx runs tasks. Nx has no setting for what a failed
 * request means, and no hook is called after one.
 */
export function guardNx(root: string, options: GuardOptions): void {
  const prototype = cacheOfNx(root);
  for (const name of ASKING) {
    const original = prototype?.[name];
    if (!prototype || !original) continue;
    prototype[name] = function guarded(...args) {
      if (this.remoteCache && !(this.remoteCache instanceof GuardedRemoteCache))
        this.remoteCache = new GuardedRemoteCache(this.remoteCache, options);
      return original.apply(this, args);
    };
  }
}

/** Only what this process has loaded already: another process runs no tasks. */
function cacheOfNx(root: string): Partial<Record<(typeof ASKING)[number], Method>> | undefined {
  const require = createRequire(join(root, 'package.json'));
  try {
    const loaded = require.cache[require.resolve('nx/src/tasks-runner/cache')]?.exports as
      { readonly DbCache?: { readonly prototype: Record<(typeof ASKING)[number], Method> } } | undefined;
    return loaded?.DbCache?.prototype;
  } catch {
    return undefined; // a version of Nx that has it elsewhere
  }
}
