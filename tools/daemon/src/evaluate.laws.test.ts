import { type Condition, isOfLatest } from '@nx-assets/core/automation';
import { afterDays, DAYS, manifestOf, REGIONS, WEEKS } from '@nx-assets/engine/contracts';
import type { PartitionKey } from '@nx-assets/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, type Evaluation } from './evaluate.ts';
import { key, MemoryState } from './test-support.ts';

const raw = manifestOf('lab/raw');
const regions = manifestOf('lab/regions', { partitions: REGIONS, deps: { raw } });
const days = manifestOf('lab/days', { partitions: DAYS, deps: { raw } });
const weeks = manifestOf('lab/weeks', { partitions: WEEKS, deps: { days, regions } });
const report = manifestOf('lab/report', { deps: { weeks, regions, raw } });
const ALL = [raw, regions, days, weeks, report];
const now = afterDays(22);
const parts = new MemoryState(ALL, now).partitioning;
const SUBJECTS = ALL.flatMap(({ key: name }) =>
  parts.partitionsOf(name).map((partition) => ({ key: name, partition })),
);

/** Things that happen to a workspace, in some order. */
const events = fc.array(
  fc.record({
    subject: fc.constantFrom(...SUBJECTS),
    what: fc.constantFrom('make', 'make', 'make two', 'lose', 'edit', 'making'),
  }),
  { maxLength: 60 },
);
type Event = typeof events extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

function after(happened: readonly Event[]): MemoryState {
  const memory = new MemoryState(ALL, now);
  for (const { subject, what } of happened) {
    const [name, partition] = [subject.key, subject.partition] as [string, PartitionKey];
    if (what === 'make') memory.make(name, partition);
    else if (what === 'make two') memory.make(name, partition, 'two');
    else if (what === 'lose') memory.lose(name, partition);
    else if (what === 'edit') memory.edit(name, 'v2');
    else memory.making(name, partition, 'run r1');
  }
  return memory;
}

const leaves = fc.oneof(
  fc.constantFrom<Condition>(
    ...(['missing', 'data-changed', 'code-changed', 'in-progress', 'latest-window'] as const).map((kind) => ({
      kind,
    })),
  ),
  fc.constantFrom<Condition>(
    { kind: 'cron', cron: '0 * * * *', timeZone: 'UTC' },
    { kind: 'cron', cron: '0 0 1 1 *', timeZone: 'Europe/Berlin' },
  ),
);
const { condition: conditions } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaves,
    fc.record({ kind: fc.constantFrom('not', 'any-upstream', 'all-upstreams'), of: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('and', 'or'),
      of: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

const world = { events, subject: fc.constantFrom(...SUBJECTS) };
const asked = (given: { events: readonly Event[]; subject: (typeof SUBJECTS)[number] }) => {
  const view = after(given.events);
  return (condition: Condition) => evaluate(condition, given.subject, { view, now, since: now - 7_200_000 });
};
const not = (of: Condition): Condition => ({ kind: 'not', of });

test('not twice is as if it were not there', () => {
  fc.assert(
    fc.property(fc.record(world), conditions, (given, condition) => {
      const ask = asked(given);
      expect(ask(not(not(condition))).held).toBe(ask(condition).held);
      expect(ask(not(condition)).held).toBe(!ask(condition).held);
    }),
  );
});

test('not any is all not, whatever is joined', () => {
  fc.assert(
    fc.property(fc.record(world), fc.array(conditions, { minLength: 1, maxLength: 4 }), (given, of) => {
      const ask = asked(given);
      const [first] = of as [Condition];
      const opposites = of.map(not);
      expect(ask(not({ kind: 'or', of })).held).toBe(ask({ kind: 'and', of: opposites }).held);
      expect(ask(not({ kind: 'and', of })).held).toBe(ask({ kind: 'or', of: opposites }).held);
      expect(ask(not({ kind: 'any-upstream', of: first })).held).toBe(
        ask({ kind: 'all-upstreams', of: not(first) }).held,
      );
      // The order says nothing, neither of whether it holds nor of why.
      const turned = [...of].reverse();
      for (const kind of ['and', 'or'] as const) {
        const [one, other] = [ask({ kind, of }), ask({ kind, of: turned })];
        expect([other.held, other.cause]).toEqual([one.held, one.cause]);
      }
    }),
  );
});

/** A tree without its words. */
type Shape = string | readonly [string, ...Shape[]];
const shapeOfCondition = (condition: Condition): Shape => {
  if (condition.kind === 'not') return ['not', shapeOfCondition(condition.of)];
  if (condition.kind === 'and' || condition.kind === 'or')
    return [condition.kind, ...condition.of.map(shapeOfCondition)];
  return condition.kind;
};
const shapeOf = ({ kind, of }: Evaluation): Shape => (of ? [kind, ...of.map(shapeOf)] : kind);
const all = (evaluation: Evaluation): readonly Evaluation[] => [
  evaluation,
  ...(evaluation.of ?? []).flatMap(all),
];

test('the reasons have the shape of the condition, and each part has one', () => {
  fc.assert(
    fc.property(fc.record(world), conditions, (given, condition) => {
      const evaluation = asked(given)(condition);
      expect(shapeOf(evaluation)).toEqual(shapeOfCondition(condition));
      for (const { held, because, cause } of all(evaluation)) {
        expect(because).toMatch(/^[a-z0-9].*\S$/);
        if (!held) expect(cause).toBe('');
      }
      expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation);
    }),
  );
});

test('what is only asked of the latest window holds of no other', () => {
  fc.assert(
    fc.property(events, fc.array(conditions, { minLength: 1, maxLength: 3 }), (given, of) => {
      const view = after(given);
      const condition: Condition = { kind: 'and', of: [{ kind: 'latest-window' }, ...of] };
      expect(isOfLatest(condition)).toBe(true);
      for (const candidate of [condition, ...of].filter(isOfLatest)) {
        for (const partition of parts.partitionsOf(key('lab/days')).slice(0, -1)) {
          const scene = { view, now, since: 0 };
          expect(evaluate(candidate, { key: days.key, partition }, scene).held).toBe(false);
        }
      }
    }),
    { numRuns: 40 },
  );
});
