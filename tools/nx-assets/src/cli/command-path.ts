import { createRequire } from 'node:module';

/** The file of the `nx-assets` command, for processes that outlive this one. */
export const commandPath = (): string => createRequire(import.meta.url).resolve('nx-assets/cli');
