import type { RunView, StepView } from '@nx-assets/console/wire';

export const nameOf = ({ key, partition }: Pick<StepView, 'key' | 'partition'>): string =>
  partition === null ? key : `${key} ${partition}`;

/** Pages of runs, the newest first, with one that has begun or has changed. One older than all of them is left out. */
export function withRun(pages: readonly (readonly RunView[])[], run: RunView): (readonly RunView[])[] {
  const isKnown = pages.some((page) => page.some(({ id }) => id === run.id));
  if (isKnown) return pages.map((page) => page.map((one) => (one.id === run.id ? run : one)));
  const [first = [], ...rest] = pages;
  const place = first.findIndex(({ startedAt }) => startedAt <= run.startedAt);
  if (place === -1 && first.length > 0) return [...pages];
  const at = Math.max(0, place);
  return [[...first.slice(0, at), run, ...first.slice(at)], ...rest];
}

/** Steps of a run, those that changed in place of what they were. Thousands may change at once: they are sorted once. */
export function withSteps(was: readonly StepView[], changed: readonly StepView[]): StepView[] {
  const byName = new Map(was.map((step) => [nameOf(step), step]));
  for (const step of changed) byName.set(nameOf(step), step);
  return [...byName.values()].sort((a, b) => a.startedAt - b.startedAt);
}
