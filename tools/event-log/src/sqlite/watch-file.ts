import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileIdentity } from './file-identity.ts';

/** How often to call where the system says nothing of a changed file (a network disk). Milliseconds. */
const FALLBACK_MS = 2_000;

/** Calls when a database or its log may have been written. Does not keep the process alive. Gives what ends it. */
export function watchFile(path: string, listener: () => void): () => void {
  const [folder, name] = [dirname(path), basename(path)];
  let watcher: FSWatcher | undefined;
  let watched: string | null = null;
  const begin = (): void => {
    watcher?.close();
    watched = fileIdentity(folder);
    try {
      watcher = watch(folder, { persistent: false }, (_, file) => {
        if (file === null || file.startsWith(name)) listener();
      });
      watcher.on('error', () => watcher?.close());
    } catch {
      watcher = undefined; // the slow way has to do
    }
  };
  begin();
  const fallback = setInterval(() => {
    // A folder that was removed says nothing of the one that is there now.
    if (fileIdentity(folder) !== watched) begin();
    listener();
  }, FALLBACK_MS);
  fallback.unref();
  return () => {
    clearInterval(fallback);
    watcher?.close();
  };
}
