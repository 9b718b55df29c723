import type { AnyOp, Op } from './op.ts';

// What is checked here is which op takes what from which: by name, and in the order of the ops.

/** The ops as they are, or in place of one that does not fit the sentence that the editor shows. */
export type Wired<Ops extends readonly AnyOp[], Given> = Ops extends readonly [
  infer First extends AnyOp,
  ...infer Rest extends readonly AnyOp[],
]
  ? readonly [Fits<First, Given>, ...Wired<Rest, Add<Given, GivenBy<First>>>]
  : Ops;

/** What is there by name after these ops. */
export type GivenAfter<Ops extends readonly AnyOp[], Given> = Ops extends readonly [
  infer First extends AnyOp,
  ...infer Rest extends readonly AnyOp[],
]
  ? GivenAfter<Rest, Add<Given, GivenBy<First>>>
  : Given;

type GivenBy<O> = O extends Op<string, unknown, infer Gives> ? Gives : unknown;

/** Of two that give the same name, the later counts. */
type Add<Given, More> = Omit<Given, keyof More> & More;

type Fits<O extends AnyOp, Given> =
  O extends Op<infer N, infer Takes, unknown>
    ? [Absent<Takes, Given>] extends [never]
      ? [Different<Takes, Given>] extends [never]
        ? O
        : `The op ${N} takes "${Different<Takes, Given> & string}", which an op before it gives as another type.`
      : `The op ${N} takes "${Absent<Takes, Given> & string}", which no op before it gives.`
    : O;

type Required<Takes> = {
  [K in keyof Takes]-?: undefined extends Takes[K] ? never : K;
}[keyof Takes];

type Absent<Takes, Given> = Exclude<Required<Takes>, keyof Given>;

type Different<Takes, Given> = {
  [K in keyof Takes & keyof Given]: Given[K] extends Takes[K] ? never : K;
}[keyof Takes & keyof Given];
