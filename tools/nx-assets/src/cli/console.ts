import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { AssetError } from '@nx-assets/core';
import { colours as pc } from '@nx-assets/workspace/colours';
import type { ConsoleExportFlags, ConsoleFlags } from './flags.ts';
import { print, printJson } from './output.ts';
import { commandPath } from './command-path.ts';
import { EXIT } from './exit.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { runPlanned } from '@nx-assets/console/runs';
import { contextHere, type ProcessContext } from '@nx-assets/workspace/run-context';

/** Where the built pages are: in the package as published, or in the sources after a build. */
function pagesFor(what: 'live' | 'static'): string {
  const home = dirname(createRequire(import.meta.url).resolve('@nx-assets/console-web/package.json'));
  const found = [join(home, what), join(home, 'dist', what)].find((folder) =>
    existsSync(join(folder, 'index.html')),
  );
  if (found !== undefined) return found;
  throw new AssetError('COMMAND_INVALID', 'The pages of the console are not built.', {
    remedy: 'Build them: npx nx build console-web',
  });
}

/** Serves the console until it is stopped. */
export async function consoleCommand(context: ProcessContext, flags: ConsoleFlags): Promise<number> {
  const here = contextHere(context);
  const pages = pagesFor('live');
  const { listen } = await import('@nx-assets/console');
  const { WorkspaceApi } = await import('@nx-assets/console/views');
  const api = await WorkspaceApi.open(here, commandPath());
  const { host, port, name = [] } = flags;
  const password = context.env['NX_ASSETS_CONSOLE_PASSWORD'] || null;
  const { consoleToken } = await import('./console-token.ts');
  const token = consoleToken(here.root);
  const options = { pages, port, names: name, password, token, ...(host ? { host } : {}) };
  const server = await listen(api, options).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  if (flags.json) printJson(context, { address: server.address, open: server.open });
  else
    print(
      context,
      `The console is at ${pc.bold(server.open)}\n${pc.dim('Press Ctrl-C to stop it; runs in progress continue.')}`,
    );
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    process.once('disconnect', () => resolve());
  });
  await server.close();
  await api.close();
  return EXIT.ok;
}

/** Writes the console as files. */
export async function exportCommand(context: ProcessContext, flags: ConsoleExportFlags): Promise<number> {
  const here = contextHere(context);
  const pages = pagesFor('static');
  const to = resolve(context.cwd, flags.to ?? join(here.root, 'output', 'console'));
  const { exportPages } = await import('@nx-assets/console');
  const { WorkspaceApi } = await import('@nx-assets/console/views');
  // Who comes later cannot see that definitions do not load, and would take what is old for what is.
  await Workspace.open(context);
  const api = await WorkspaceApi.open(here, commandPath());
  try {
    const answers = await exportPages(api, { pages, to, runs: flags.runs });
    const page = join(to, 'index.html');
    if (flags.json) printJson(context, { page, answers });
    else print(context, `The console is in ${pc.bold(relative(context.cwd, page))}: open it in a browser.`);
    return EXIT.ok;
  } finally {
    await api.close();
  }
}

/** What a run that pages asked for does, in its own process. */
export const runPlannedCommand = (context: ProcessContext, text: string): Promise<number> =>
  runPlanned(contextHere(context), text);
