import type { Check, CheckRule } from './asset-model.ts';
import type { CheckAnswer, CheckFunction, CheckOptions } from './check-model.ts';

/** What a row must have for a check of a column to make sense. */
export type HasColumn<Column extends string, Type = unknown> = { readonly [C in Column]: Type };

export function define<Row>(
  rule: CheckRule,
  name: string,
  description: string,
  options: CheckOptions,
): Check<Row> {
  return Object.freeze({
    type: 'check',
    name: options.name ?? name,
    description: options.description ?? description,
    severity: options.severity ?? 'error',
    rule,
  });
}

/** A check as it is run, from one that is given as a function. */
export function toCheck(given: Check | CheckFunction<never>): Check {
  if ('rule' in given) return given;
  const rule: CheckRule = {
    kind: 'function',
    run: given.passes.bind(given) as (subject: never) => CheckAnswer,
  };
  return define(rule, given.name, `${given.name.replaceAll('_', ' ')}.`, given);
}
