import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AssetError } from '@nx-assets/core';
import { checkRunConfig, mergeRunConfigs, parseAssignment, type RunConfig } from '@nx-assets/core/config';

/** Name of the environment variable by which the processes of a run know what it gives to assets. */
export const RUN_CONFIG = 'NX_ASSETS_RUN_CONFIG';

/** What one variable of an environment may hold on Linux is 128 KiB. Bytes. */
const LARGEST = 100_000;

/** What `--config` was given on a command line: each time a file of JSON, or `group/name.field=value`. */
export function configFlags(argv: readonly string[]): string[] {
  return argv.flatMap((argument, at) => {
    if (argument.startsWith('--config=')) return [argument.slice('--config='.length)];
    return argument === '--config' ? [argv[at + 1] ?? ''] : [];
  });
}

/** The run config that flags give, files from `folder`. Throws `CONFIG_INVALID`. */
export function readRunConfig(flags: readonly string[], folder: string): RunConfig {
  const config = mergeRunConfigs(
    flags.map((flag) => (flag.includes('=') ? parseAssignment(flag) : readFile(flag, folder))),
  );
  const bytes = Buffer.byteLength(JSON.stringify(config));
  if (bytes <= LARGEST) return config;
  throw new AssetError('CONFIG_INVALID', `The run config has ${bytes} bytes.`, {
    remedy: `Give at most ${LARGEST} bytes, for example the path of a file with the rest.`,
  });
}

function readFile(path: string, folder: string): RunConfig {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(resolve(folder, path), 'utf8'));
  } catch (error) {
    throw new AssetError(
      'CONFIG_INVALID',
      `${path || 'The file of --config'} cannot be read (${(error as Error).message}).`,
      {
        remedy: 'Write --config=path/to/a.json, or --config=group/name.field=value.',
        cause: error,
      },
    );
  }
  return checkRunConfig(given, path);
}

/** What this run gives to assets. */
export const runConfigOf = (env: NodeJS.ProcessEnv): RunConfig =>
  JSON.parse(env[RUN_CONFIG] ?? '{}') as RunConfig;
