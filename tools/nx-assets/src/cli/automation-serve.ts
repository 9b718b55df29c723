import { randomUUID } from 'node:crypto';
import { AssetError } from '@nx-assets/core';
import { Daemon, type DaemonEvent } from '@nx-assets/daemon';
import type { HeldLease } from '@nx-assets/event-log';
import { Narrator } from './narrator.ts';
import { openPorts, type RealPorts } from '@nx-assets/daemon/runtime/ports';
import type { ServeFlags, TickFlags } from './flags.ts';
import { commandPath } from './command-path.ts';
import { EXIT } from './exit.ts';
import { runRequest } from '@nx-assets/daemon/runtime/run-request';
import { contextHere, type ProcessContext } from '@nx-assets/workspace/run-context';

/** How long the lead holds without a sign of life, milliseconds. */
const TTL = 30_000;

/** The longest sleep, milliseconds: a machine that was asleep is noticed at once, whatever timers make of it. */
const LONGEST_SLEEP = 5_000;

interface Served {
  readonly daemon: Daemon;
  readonly real: RealPorts;
  readonly narrator: Narrator;
  /** Waits; less where something happens. */
  sleep(milliseconds: number): Promise<void>;
  wake(): void;
}

async function withDaemon<T>(
  given: ProcessContext,
  {
    every,
    runs,
    json = false,
    verbose = false,
    looksOnce = false,
  }: TickFlags & { every: number; verbose?: boolean; looksOnce?: boolean },
  use: (served: Served) => Promise<T>,
): Promise<T> {
  const context = contextHere(given);
  let wakeUp: () => void = () => undefined;
  let isAwake = false;
  const wake = () => {
    isAwake = true;
    wakeUp();
  };
  const narrator = new Narrator(context, { json, verbose });
  const told = {
    event: (event: DaemonEvent) => narrator.tell(event),
    log: (name: string, message: string) => narrator.log(name, message),
    problem: (error: AssetError | null) => narrator.problem(error),
  };
  const real = await openPorts(context, commandPath(), told, wake);
  const options = {
    owner: randomUUID(),
    me: real.me,
    ttl: TTL,
    every,
    most: runs,
    looksOnce,
  };
  const daemon = new Daemon(real.ports, options);
  const sleep = async (time: number): Promise<void> => {
    if (!isAwake) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, time));
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    isAwake = false;
  };
  try {
    return await use({ daemon, real, narrator, sleep, wake });
  } finally {
    await daemon.resign();
    await real.close();
  }
}

/** Watches the clock until it is told to stop, or its time is over. */
export async function serveCommand(context: ProcessContext, flags: ServeFlags): Promise<number> {
  const until = flags.for === undefined ? Infinity : context.now().getTime() + flags.for;
  return withDaemon(context, flags, async ({ daemon, real, narrator, sleep, wake }) => {
    let isStopped = false;
    const stop = () => {
      isStopped = true;
      wake();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    // A turn that takes long must not cost the lead.
    // What cannot be written now is said by the next turn.
    const heart = setInterval(() => void daemon.renew().catch(() => undefined), TTL / 3);
    await narrator.begin(real.automations(), real.ledger);
    try {
      while (!isStopped && context.now().getTime() < until) {
        await narrator.settled(real.ledger);
        const { wakeAt } = await daemon.turn(wake);
        for (let left = 1; left > 0 && !isStopped;) {
          left = Math.min(wakeAt, until) - context.now().getTime();
          const before = context.now().getTime();
          await sleep(Math.min(left, LONGEST_SLEEP));
          // Woken before its time: something has happened.
          if (context.now().getTime() - before < Math.min(left, LONGEST_SLEEP) - 50) break;
        }
      }
    } finally {
      clearInterval(heart);
      process.off('SIGINT', stop).off('SIGTERM', stop);
    }
    await narrator.settled(real.ledger);
    narrator.end(await real.ledger.openRequests());
    return EXIT.ok;
  });
}

/** Looks once at everything, and stays until all that it led to is done. */
export async function tickCommand(context: ProcessContext, flags: TickFlags): Promise<number> {
  return withDaemon(
    context,
    { ...flags, every: 15_000, verbose: true, looksOnce: true },
    async ({ daemon, real, narrator, sleep, wake }) => {
      const first = await daemon.turn(wake);
      if (!first.leads) throw new AssetError('AUTOMATION_LED', leader(await real.ledger.currentLease()));
      for (let open = first.open; open > 0;) {
        await sleep(200);
        await narrator.settled(real.ledger);
        const turn = await daemon.turn(wake);
        if (!turn.leads) throw new AssetError('AUTOMATION_LED', leader(await real.ledger.currentLease()));
        open = turn.open;
        // What has not been launched waits for definitions that load, and for another tick.
        const isHeldUp = !(await real.ledger.openRequests()).some(({ status }) => status === 'running');
        if (real.isBroken() && isHeldUp) return EXIT.failed;
      }
      await narrator.settled(real.ledger);
      if (!narrator.hasTold) narrator.nothing();
      return narrator.hasFailed ? EXIT.failed : EXIT.ok;
    },
  );
}

const leader = (lease: HeldLease | null): string =>
  lease
    ? `Process ${lease.pid} on ${lease.host} is the leader, and runs what is due.`
    : 'Another process is the leader.';

/** The process of one request. */
export async function runRequestCommand(context: ProcessContext, id: string): Promise<number> {
  return runRequest(contextHere(context), id);
}
