import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { AssetError } from '@nx-assets/core';

type Callable = (...args: unknown[]) => unknown;

/**
 * Makes input and output fail while definitions load, so that every nx command stays cheap and free of
 * side effects. Files are refused to the workspace's own code only: the module loader and libraries read theirs.
 * Gives a function that lifts the guard.
 */
export function forbidIo(): () => void {
  const undo: (() => void)[] = [];
  const forbid = (target: object, names: readonly string[], what: string, always: boolean) => {
    for (const name of names) {
      const original: unknown = Reflect.get(target, name);
      if (typeof original !== 'function') continue;
      const guarded = function (this: unknown, ...args: unknown[]): unknown {
        if (always || isAuthor(new Error().stack ?? '')) throw violation(`${what} (${name})`);
        return (original as Callable).apply(this, args);
      };
      Reflect.set(target, name, Object.assign(guarded, original));
      undo.push(() => Reflect.set(target, name, original));
    }
  };
  forbid(fs, FILE_FUNCTIONS, 'a file', false);
  forbid(fs.promises, FILE_FUNCTIONS, 'a file', false);
  forbid(net.Socket.prototype, ['connect'], 'the network', true);
  forbid(net.Server.prototype, ['listen'], 'the network', true);
  forbid(globalThis, ['fetch'], 'the network', true);
  forbid(
    childProcess,
    ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'],
    'a process',
    true,
  );
  syncBuiltinESMExports();
  return () => {
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  };
}

const FILE_FUNCTIONS = [
  'read',
  'readFile',
  'writeFile',
  'appendFile',
  'open',
  'readdir',
  'mkdir',
  'rm',
  'unlink',
  'rename',
  'copyFile',
]
  .flatMap((name) => [name, `${name}Sync`])
  .concat('createReadStream', 'createWriteStream');

const violation = (what: string) =>
  new AssetError('DEFINITION_IO', `A definition uses ${what} while it loads.`);

/** Whether the code that called is the workspace's: its frame comes right after the guard's own. */
function isAuthor(stack: string): boolean {
  const caller = stack.split('\n')[2] ?? '';
  return /file:|\(?\//.test(caller) && !caller.includes('node:') && !caller.includes('/node_modules/');
}
