import { useSyncExternalStore } from 'react';
import { age, time } from './labels.ts';

const MINUTE = 60_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for everything that grows older on a page. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const listener of listeners) listener();
  }, MINUTE / 2);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** How long ago something was; the exact time on demand. */
export function Age({ at }: { readonly at: number | null }) {
  const shown = useSyncExternalStore(subscribe, () => now);
  if (at === null) return <span aria-label="never">–</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={time(at)}>
      {age(at, Math.max(shown, at))}
    </time>
  );
}
