import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** How often to call where the system says nothing of a changed file (a network disk). Milliseconds. */
const FALLBACK_MS = 2_000;

/** Calls when a database or its log may have been written. Does not keep the process alive. Gives what ends it. */
export function watchFile(path: string, listener: () => void): () => void {
  const name = basename(path);
  const fallback = setInterval(listener, FALLBACK_MS);
  fallback.unref();
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(path), { persistent: false }, (_, file) => {
      if (file === null || file.startsWith(name)) listener();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // The slow way has to do.
  }
  return () => {
    clearInterval(fallback);
    watcher?.close();
  };
}
