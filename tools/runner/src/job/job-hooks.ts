import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DefinitionKey,
  type Hook,
  type HookFunction,
  hookName,
  isMessenger,
  type Job,
  type JobEvent,
  type Messenger,
  milliseconds,
} from '@nx-assets/core';
import { authorStack, Redactor, secretsIn, withoutExit } from '@nx-assets/engine/execution';
import { deliver, type Delivery } from './deliver.ts';
import { eventOf } from './event.ts';
import { keepMessage, type KeptMessage, keptMessages } from './outbox.ts';
import type { JobReport } from './report.ts';
import { pluginOptions } from '@nx-assets/workspace/plugin-options';
import { say, warn } from '../terminal.ts';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** What earlier runs could not deliver gets so long after this one has ended. */
const BACKLOG_MS = 1_000;
/** Until those who are stopped have said what became of them. */
const ABORT_MS = 100;

interface NamedJob {
  readonly key: DefinitionKey;
  readonly definition: Job;
}

export interface Hooks {
  /** Tells who is to be told. Takes no longer than nx.json allows, and never fails. */
  tell(report: JobReport): Promise<void>;
}

/**
 * The hooks of a job. What earlier runs could not deliver is sent from now on, while the run goes on, and hardly longer;
 * what this one has to say when it has ended.
 */
export function openHooks(options: {
  readonly context: RunContext;
  readonly job: NamedJob;
  readonly jobs: readonly NamedJob[];
  /** What nobody may read of what functions say. */
  readonly secrets: readonly string[];
}): Hooks {
  const { context, job, jobs, secrets } = options;
  const { root, now } = context;
  const redactor = new Redactor(secrets);
  const time = milliseconds(pluginOptions(root).hooks?.deadline ?? '10s');
  const over = new AbortController();
  let deadline = Infinity;
  const post = new Post(context, over.signal, () => deadline);
  const backlog = Promise.all(keptMessages(root, now()).map((message) => post.sendKept(message, jobs)));
  return {
    async tell(report) {
      deadline = now().getTime() + time;
      const timer = setTimeout(() => over.abort(), time);
      const event = eventOf(report, job.definition.description);
      const hooks = event ? hooksFor(job.definition, event) : [];
      if (!event) over.abort();
      const telling = hooks.map((hook) =>
        isMessenger(hook)
          ? post.send(job.key, hook, event as JobEvent)
          : call(hook, event as JobEvent, { context, signal: over.signal, redactor }),
      );
      // Also where somebody does not listen to the signal.
      const ended = new Promise((resolve) => over.signal.addEventListener('abort', resolve));
      if (over.signal.aborted) return clearTimeout(timer);
      await Promise.race([Promise.all(telling), ended]);
      clearTimeout(timer);
      // A receiver that hangs must not hold every run that comes after the one that it is told of.
      const patience = sleep(BACKLOG_MS, undefined, { signal: over.signal, ref: false }).catch(
        () => undefined,
      );
      await Promise.race([backlog, patience]);
      over.abort();
      await Promise.race([backlog, sleep(ABORT_MS)]);
    },
  };
}

const hooksFor = ({ onSuccess, onFailure }: Job, { status }: JobEvent): readonly Hook[] =>
  status === 'succeeded' ? onSuccess : onFailure;

/** Sends messages, and says what does not arrive. */
class Post {
  readonly #context: RunContext;
  readonly #signal: AbortSignal;
  readonly #deadline: () => number;

  constructor(context: RunContext, signal: AbortSignal, deadline: () => number) {
    this.#context = context;
    this.#signal = signal;
    this.#deadline = deadline;
  }

  async send(job: DefinitionKey, messenger: Messenger, event: JobEvent): Promise<void> {
    const { name } = messenger;
    const lacking = lackingIn(messenger, this.#context.env);
    if (lacking) return warn(this.#context, `The hook ${name} sends nothing: ${lacking} is not set.`);
    try {
      const message = { job, messenger: name, body: messenger.compose(event) };
      await this.#deliver(messenger, keepMessage(this.#context.root, message, this.#context.now()));
    } catch (error) {
      warn(
        this.#context,
        `The hook ${name} sends nothing: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** What an earlier run kept. Without its messenger, or what that needs, it goes on waiting. */
  async sendKept(message: KeptMessage, jobs: readonly NamedJob[]): Promise<void> {
    const job = jobs.find(({ key }) => key === message.job)?.definition;
    const messenger = [...(job?.onSuccess ?? []), ...(job?.onFailure ?? [])]
      .filter(isMessenger)
      .find(({ name }) => name === message.messenger);
    if (messenger && !lackingIn(messenger, this.#context.env)) await this.#deliver(messenger, message);
  }

  async #deliver(messenger: Messenger, message: KeptMessage): Promise<void> {
    const delivery = await deliver({
      root: this.#context.root,
      messenger,
      message,
      env: this.#context.env,
      signal: this.#signal,
      deadline: this.#deadline,
      random: Math.random,
    });
    const redactor = new Redactor(secretsIn([messenger], this.#context.env));
    if (delivery.status !== 'delivered') warn(this.#context, redactor.text(describe(messenger, delivery)));
  }
}

/** A variable that a messenger needs and the environment has not. */
const lackingIn = ({ env, secrets }: Messenger, given: NodeJS.ProcessEnv): string | undefined =>
  [...env, ...secrets].find((name) => !given[name]);

function describe(
  { name }: Messenger,
  { status, problem }: Exclude<Delivery, { status: 'delivered' }>,
): string {
  if (status === 'refused')
    return `The hook ${name} was refused: ${problem.replace(/[.\s]*$/, '')}. Nothing more is tried.`;
  return `The hook ${name} was not delivered: ${problem.replace(/[.\s]*$/, '')}. The next run of a job sends it.`;
}

/** Calls the author's function, and says what it throws. */
async function call(
  hook: HookFunction,
  event: JobEvent,
  { context, signal, redactor }: { context: RunContext; signal: AbortSignal; redactor: Redactor },
): Promise<void> {
  const name = hookName(hook);
  const log = {
    debug: () => undefined,
    info: (message: string) => say(context, redactor.text(message)),
    warn: (message: string) => warn(context, redactor.text(message)),
  };
  try {
    const over = sleep(2 ** 31 - 1, undefined, { signal, ref: false }).catch(() => {
      throw new Error('it took too long');
    });
    // Async, so that one that throws at once is raced as well: without a race, the end of the time would be nobody's error.
    const told = withoutExit(name, async () => hook(event, { root: context.root, log, signal }));
    await Promise.race([told, over]);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const stack = authorStack(error);
    log.warn(`The hook ${name} failed: ${error.message}.${stack ? `\n${stack}` : ''}`);
  }
}
