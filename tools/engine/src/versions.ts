import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Versions of what computes, for records. */
export function engineVersions(): Record<string, string> {
  const version = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  return {
    node: process.version.slice(1),
    duckdb: version('@duckdb/node-api'),
    engine: version('@nx-assets/engine'),
  };
}
