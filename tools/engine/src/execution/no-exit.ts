import { AsyncLocalStorage } from 'node:async_hooks';
import { AssetError } from '@nx-assets/core';

const author = new AsyncLocalStorage<string>();
let isInstalled = false;

/**
 * Calls what an author wrote. `process.exit` fails with `PROCESS_ENDED` inside of it: it would end the whole run, with the
 * exit code of a run in which everything went well.
 */
export function withoutExit<T>(name: string, run: () => T): T {
  if (!isInstalled) install();
  return author.run(name, run);
}

function install(): void {
  isInstalled = true;
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const name = author.getStore();
    if (name === undefined) return exit(code);
    throw new AssetError('PROCESS_ENDED', `${name} called process.exit(${code ?? ''}).`, {
      remedy: 'Throw an error instead, or return: other steps run in this process.',
    });
  };
}
