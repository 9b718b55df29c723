#!/usr/bin/env node
// The `nx-assets` command. Each verb is loaded when it is called, so that short answers stay short.
import { useCompileCache } from './compile-cache.ts';

useCompileCache();
const { main } = await import('./cli/main.ts');
process.exitCode = await main(process.argv);
