/** Conditions that Node was started with, `--conditions` or `-C`, on its command line or in NODE_OPTIONS. */
export function conditionsOf(
  execArgv: readonly string[],
  nodeOptions: string | undefined,
): readonly string[] {
  const args = [...execArgv, ...(nodeOptions ?? '').split(/\s+/)];
  return args.flatMap((arg, index) => {
    const joined = /^(?:--conditions|-C)=(.+)$/.exec(arg)?.[1];
    if (joined !== undefined) return [joined];
    const next = args[index + 1];
    return (arg === '--conditions' || arg === '-C') && next !== undefined ? [next] : [];
  });
}

/**
 * Those of this process's command line, as far as they are the user's. Nx starts its daemon and its plugin workers with
 * more of them, to load plugins from their sources: steps run in processes without them, and theirs are what counts.
 */
export const conditionsOfCommand = (): readonly string[] =>
  'NX_DAEMON' in globalThis || 'NX_PLUGIN_WORKER' in globalThis ? [] : conditionsOf(process.execArgv, '');
