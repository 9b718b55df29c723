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
