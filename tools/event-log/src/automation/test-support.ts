import { hostname } from 'node:os';
import { onTestFinished } from 'vitest';
import { thisProcess } from '../process.ts';
import { child, type Child, freshPath } from '../test-support.ts';
import { Ledger } from './ledger.ts';
import type { Decisions, NewRequest, NewTick } from './model.ts';

export const me = thisProcess();
/** A process of which nobody here can know whether it lives. */
export const elsewhere = { pid: 7, host: `not-${hostname()}`, start: null };

export async function openLedger(path = freshPath()): Promise<Ledger> {
  const ledger = await Ledger.open(path);
  onTestFinished(() => ledger.close());
  return ledger;
}

export const request = (id: string, fields: Partial<NewRequest> = {}): NewRequest => ({
  ...{ id, name: id.split(/[@:]/)[0] ?? id, at: 900, because: `because of ${id}` },
  target: { job: null, select: 'a', assets: null, partition: null, config: {} },
  ...fields,
});

export const tick = (fields: Partial<NewTick> = {}): NewTick => ({
  ...{ name: 'lab/a', kind: 'condition', at: 1_000, outcome: 'nothing', because: 'nothing changed' },
  ...{ detail: null, request: null },
  ...fields,
});

export const decisions = (fields: Partial<Decisions> = {}): Decisions => ({
  ...{ states: new Map(), ticks: [], requests: [] },
  ...fields,
});

/** A process of its own, in which `Ledger` and `me` are there. */
export function ledgerChild(script: string): Child {
  const [ledger, process] = ['./ledger.ts', '../process.ts'].map((file) =>
    JSON.stringify(new URL(file, import.meta.url).href),
  );
  return child(`import { Ledger } from ${ledger};
    import { thisProcess } from ${process};
    const me = thisProcess();
    ${script}`);
}
