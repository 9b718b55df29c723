import { AssetError, type GroupManifest } from '@nx-assets/core';
import { type GroupSource, Redactor, secretsIn } from '@nx-assets/engine';
import { type AutomationLedger, isGone, type ProcessIdentity, thisProcess } from '@nx-assets/event-log';
import { Launcher } from './launcher.ts';
import { Sensing } from './sensing.ts';
import { Records, viewOf } from './view.ts';
import type { DaemonEvent, Ports } from '../daemon.ts';
import { type Automations, automationsOf } from '../definitions.ts';
import { openHistory } from '@nx-assets/workspace/history';
import { lastManifest, lastSources, manifestStamp, readManifest } from '@nx-assets/workspace/manifest';
import { partitioningOf } from '@nx-assets/workspace/partitioning';
import { readGroups } from '@nx-assets/workspace/groups';
import { findPackageFiles } from '@nx-assets/workspace/package-files';
import type { RunContext } from '@nx-assets/workspace/run-context';

export interface Told {
  event(event: DaemonEvent): void;
  /** What a sensor logs. */
  log(name: string, message: string): void;
  /** The definitions do not load; the last version that loaded stays in use. `null` once they do again. */
  problem(error: AssetError | null): void;
}

/** The daemon's ports on a real workspace. */
export interface RealPorts {
  readonly ports: Ports;
  readonly ledger: AutomationLedger;
  readonly launcher: Launcher;
  readonly me: ProcessIdentity;
  /** The definitions as they were last seen. */
  automations(): Automations;
  /** Whether they do not load now: nothing is launched then. */
  isBroken(): boolean;
  close(): Promise<void>;
}

/** Opens a workspace for the daemon. Throws the errors of definitions, and of the history. */
export async function openPorts(
  context: RunContext,
  command: string,
  told: Told,
  wake: () => void,
): Promise<RealPorts> {
  const { root, env } = context;
  const now = () => context.now().getTime();
  const history = await openHistory(root);
  const { ledger } = history;
  const launcher = new Launcher(context, command, wake);
  const records = new Records(root);
  let groups: readonly GroupManifest[] = await readNow(context);
  let sources: readonly GroupSource[] = lastSources(root);
  let automations = automationsOf(groups);
  let stamp = manifestStamp(root);
  let problem: string | null = null;
  const sensing = new Sensing({
    root,
    history,
    now,
    sources: () => sources,
    runsOf: async (name) =>
      new Set((await ledger.requests({ name, limit: 200 })).flatMap(({ runs }) => runs)),
    say: told.log,
    redactor: () => new Redactor(secretsIn(lastManifest(root).values(), env)),
  });
  const ports: Ports = {
    ledger,
    now,
    automations: async () => {
      try {
        const found = await readNow(context);
        if (problem !== null) told.problem((problem = null));
        const newStamp = manifestStamp(root);
        if (newStamp === stamp) return automations;
        stamp = newStamp;
        groups = found;
        sources = lastSources(root);
        automations = automationsOf(groups);
      } catch (error) {
        if (!(error instanceof AssetError)) throw error;
        if (problem !== error.message) told.problem(error);
        problem = error.message;
      }
      return automations;
    },
    view: async (open) => {
      const manifests = new Map(groups.flatMap(({ assets }) => assets.map((asset) => [asset.key, asset])));
      const partitioning = await partitioningOf(root, manifests, now());
      return viewOf({ root, manifests, partitioning, records, history, open });
    },
    sense: (sensor, cursor) => sensing.sense(sensor, cursor),
    // While definitions do not load, no nx command would run: what was decided waits for them.
    launch: (request) => {
      if (problem === null) launcher.launch(request);
    },
    isLaunched: (id) => launcher.isLaunched(id),
    isGone,
    resultOf: async (runs) => {
      const found = await Promise.all(runs.map((run) => history.run(run)));
      const statuses = found.map((run) => run?.status ?? null);
      const bad = statuses.find((status) => status === 'failed' || status === 'cancelled');
      // Where several follow one another, the last that has begun may not have been the last.
      return bad ?? (runs.length === 1 && statuses[0] === 'succeeded' ? 'succeeded' : null);
    },
    report: told.event,
  };
  return {
    ports,
    ledger,
    launcher,
    me: thisProcess(),
    automations: () => automations,
    isBroken: () => problem !== null,
    close: async () => {
      sensing.close();
      launcher.leave();
      await history.close();
    },
  };
}

const readNow = ({ root, conditions }: RunContext) =>
  readManifest(root, readGroups(root, findPackageFiles(root)), conditions);
