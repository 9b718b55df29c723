import type { Json } from './json.ts';
import type { Logger } from './logger.ts';
import type { DefinitionKey } from './key.ts';

/** What became of a job: what hooks are told. Plain data without secrets. */
export interface JobEvent {
  readonly job: DefinitionKey;
  readonly description: string;
  readonly runId: string;
  readonly status: 'succeeded' | 'failed';
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly steps: readonly JobStep[];
  /** How many assets came to what; none where the job got to none. */
  readonly assets: Readonly<Record<string, number>>;
  readonly failures: readonly JobFailure[];
}

/** A part of a job: an op, or the assets as a whole. */
export interface JobStep {
  readonly name: string;
  /** `blocked`: something before it failed. */
  readonly status: 'done' | 'failed' | 'blocked' | 'cancelled';
  readonly milliseconds: number | null;
}

export interface JobFailure {
  /** The op or the asset. */
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

export interface HookContext {
  /** Folder of the workspace, absolute. */
  readonly root: string;
  readonly log: Logger;
  /** Aborts when a hook has had its time. */
  readonly signal: AbortSignal;
}

/** A function that is told. It is called once; what it throws is said, and changes nothing of the run. */
export type HookFunction = (event: JobEvent, context: HookContext) => void | Promise<void>;

/**
 * Something that carries a message elsewhere, at least once: what could not be delivered is kept and tried again, by
 * this run and by the next.
 */
export interface Messenger {
  readonly type: 'messenger';
  /** Tells the messengers of one job apart. */
  readonly name: string;
  readonly env: readonly string[];
  /** Environment variables that nobody may read. */
  readonly secrets: readonly string[];
  /** The message as it is kept. */
  compose(event: JobEvent): Json;
  /** One attempt. Never throws. */
  send(message: Message, scope: MessengerScope): Promise<Sent>;
}

export interface Message {
  /** The same at each attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly body: Json;
}

export interface MessengerScope {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly now: Date;
}

export type Sent =
  | { readonly status: 'delivered' }
  /** Another attempt may fix it, after so many milliseconds where the receiver named a time. */
  | { readonly status: 'failed'; readonly problem: string; readonly retryAfter?: number | undefined }
  /** Another attempt would not. */
  | { readonly status: 'refused'; readonly problem: string };

export type Hook = HookFunction | Messenger;

export const isMessenger = (hook: unknown): hook is Messenger =>
  typeof hook === 'object' && hook !== null && (hook as Partial<Messenger>).type === 'messenger';

/** What a hook is called in reports. */
export const hookName = (hook: Hook): string => hook.name || 'a function';
