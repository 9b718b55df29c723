type Env = Readonly<Record<string, string | undefined>>;

/** Name of the environment variable that chooses the values of resources. */
export const ENVIRONMENT = 'NX_ASSETS_ENV';

/** Environments that every workspace has, whether a resource has values for them or not. */
const ALWAYS = ['dev', 'ci', 'prod'] as const;

/** The environment that a run is in: the one that is asked for, `ci` where CI is set, otherwise `dev`. */
export function environmentOf(env: Env): string {
  const asked = env[ENVIRONMENT]?.trim();
  if (asked) return asked;
  return isSet(env.CI) ? 'ci' : 'dev';
}

const isSet = (text: string | undefined): boolean => !!text && text !== 'false' && text !== '0';

/** All environments that there are, given the values of resources. */
export const knownEnvironments = (values: Iterable<object>): string[] =>
  [...new Set([...ALWAYS, ...[...values].flatMap((one) => Object.keys(one))])].filter(
    (name) => name !== 'default',
  );
