import { AssetError } from '@nx-assets/core/data';
import { conditionsOf, conditionsOfCommand } from './node-conditions.ts';
import { findRoot } from './root.ts';
import { terminalText } from './terminal-text.ts';

/** Where text goes. That of a process cleans it for terminals, but for our own colours. */
export interface TextStream {
  write(text: string): unknown;
}

/** What a process was given: the only way to its environment. Composition roots make one and hand it in. */
export interface ProcessContext {
  readonly cwd: string;
  /** What is set here, processes started afterwards see. */
  readonly env: NodeJS.ProcessEnv;
  /** Without the program and its script. */
  readonly argv: readonly string[];
  /** By which Node resolves packages, besides its own: `--conditions`. */
  readonly conditions: readonly string[];
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  now(): Date;
  /** Ends the process at once. */
  exit(code: number): never;
}

/** The same, in a workspace. */
export interface RunContext extends ProcessContext {
  /** The folder of nx.json, absolute. */
  readonly root: string;
}

/** Where all text of a process leaves it: whatever it came from, a terminal only shows it. */
export const terminalStream = (write: (text: string) => unknown): TextStream => ({
  write: (text) => write(terminalText(text)),
});

/** What this process was given. */
export const processContext = (): ProcessContext => ({
  cwd: process.cwd(),
  env: process.env,
  argv: process.argv.slice(2),
  conditions: [...conditionsOfCommand(), ...conditionsOf([], process.env.NODE_OPTIONS)],
  // Bound once: Nx silences the streams when it is interrupted, and what is said then is for people all the same.
  stdout: terminalStream(process.stdout.write.bind(process.stdout)),
  stderr: terminalStream(process.stderr.write.bind(process.stderr)),
  now: () => new Date(),
  exit: (code) => process.exit(code),
});

/** What this process was given, in the workspace of which it knows the root. */
export const runContext = (root: string): RunContext => ({ ...processContext(), root });

/** In the workspace of the current folder. Throws `WORKSPACE_MISSING` outside of one. */
export function contextHere(context: ProcessContext): RunContext {
  const root = findRoot(context.cwd);
  if (root !== null) return { ...context, root };
  throw new AssetError('WORKSPACE_MISSING', `There is no nx.json in ${context.cwd}, nor above.`);
}
