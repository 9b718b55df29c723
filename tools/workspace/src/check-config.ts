import { readFileSync } from 'node:fs';
import { AssetError, type AssetKey, type AssetManifest } from '@nx-assets/core';
import {
  configError,
  environmentOf,
  resolveValues,
  type RunConfig,
  unknownEnvironment,
  unknownIn,
} from '@nx-assets/core/config';
import { Redactor, secretsIn } from '@nx-assets/engine';
import { absolute, hashText, STATE, writeAtomic } from '@nx-assets/storage/records';
import type { ConfigAnswer, ConfigOrder } from './config-order.ts';
import { runWorker } from './worker.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How many configs that were found right are remembered. */
const KEPT = 20;

export interface ConfigQuestion {
  readonly root: string;
  /** The assets that may run. */
  readonly keys: readonly AssetKey[];
  readonly manifests: ReadonlyMap<string, AssetManifest>;
  readonly env: Env;
  readonly runConfig: RunConfig;
}

/**
 * Checks the configs of assets and of their resources against their schemas, before any step starts. Throws one
 * `CONFIG_INVALID` with everything that is wrong.
 *
 * Schemas are code, so this takes a process that loads the definitions; what it found right, it is not asked again.
 */
export async function checkConfig(question: ConfigQuestion): Promise<void> {
  const { root, keys, manifests, env, runConfig } = question;
  const all = [...manifests.values()];
  const values = all.flatMap(({ config }) => Object.values(config?.resources ?? {}).map((one) => one.values));
  const unknown = values.length > 0 ? unknownEnvironment(values, env) : null;
  if (unknown !== null) throw configError([unknown], env);
  const misspelt = unknownIn(runConfig, manifests);
  const wanted = keys.flatMap((key) => manifests.get(key) ?? []).filter(({ config }) => config);
  const print = fingerprint(wanted, env, runConfig);
  const known = readKnown(root);
  const isKnown = wanted.length === 0 || known.includes(print);
  const found = isKnown ? [] : await askWorker({ root, keys: wanted.map(({ key }) => key), runConfig });
  const problems = [...misspelt, ...found];
  if (problems.length > 0) {
    const redactor = new Redactor(secretsIn(wanted, env));
    throw configError(
      problems.map((problem) => redactor.text(problem)),
      env,
    );
  }
  if (!isKnown) writeAtomic(knownPath(root), JSON.stringify([print, ...known].slice(0, KEPT)));
}

/** Changes with everything that decides whether configs are right. Values are in it as a hash only. */
function fingerprint(manifests: readonly AssetManifest[], env: Env, runConfig: RunConfig): string {
  const environment = environmentOf(env);
  const parts = manifests.map(({ key, code, config }) => [
    key,
    code.version,
    runConfig[key] ?? {},
    Object.entries(config?.resources ?? {}).map(([alias, { values }]) => [
      alias,
      resolveValues(values, environment, env).fields,
    ]),
  ]);
  return hashText(JSON.stringify([environment, parts]));
}

const knownPath = (root: string): string => absolute(root, `${STATE}/configs.json`);

function readKnown(root: string): string[] {
  try {
    return JSON.parse(readFileSync(knownPath(root), 'utf8')) as string[];
  } catch {
    return []; // nothing was checked yet
  }
}

async function askWorker(order: ConfigOrder): Promise<readonly string[]> {
  let problems: readonly string[] | undefined;
  const end = await runWorker<ConfigAnswer>({
    from: import.meta.url,
    name: '@nx-assets/workspace/config-worker',
    cwd: order.root,
    order,
    onMessage: (answer) => void (problems = answer.problems),
  });
  if (problems) return problems;
  throw new AssetError('DEFINITION_THREW', `The configs could not be checked (${end.how}). ${end.lastWords}`);
}
