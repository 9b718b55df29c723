import { hostname } from 'node:os';
import type { Decisions, NewRequest, NewTick } from '../automation.ts';
import { thisProcess } from '../process.ts';

export const me = thisProcess();
/** A process of which nobody here can know whether it lives. */
export const elsewhere = { pid: 7, host: `not-${hostname()}`, start: null };

export const request = (id: string, fields: Partial<NewRequest> = {}): NewRequest => ({
  ...{ id, name: id.split(/[@:]/)[0] ?? id, at: 900, because: `because of ${id}` },
  target: { job: null, select: 'a', assets: null, partition: null, config: {} },
  ...fields,
});

export const tick = (fields: Partial<NewTick> = {}): NewTick => ({
  ...{ name: 'lab/a', kind: 'condition', at: 1_000, outcome: 'nothing', because: 'unchanged' },
  ...{ detail: null, request: null },
  ...fields,
});

export const decisions = (fields: Partial<Decisions> = {}): Decisions => ({
  ...{ states: new Map(), ticks: [], requests: [] },
  ...fields,
});
