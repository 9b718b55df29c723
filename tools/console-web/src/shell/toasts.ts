import type { ReactNode } from 'react';
import { useSyncExternalStore } from 'react';

interface Toast {
  readonly id: number;
  readonly tone: 'plain' | 'failed';
  readonly content: ReactNode;
}

const STAYS_MS = 5_000;
let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();
const become = (next: readonly Toast[]) => {
  toasts = next;
  for (const listener of listeners) listener();
};

export const dismiss = (id: number): void => become(toasts.filter((toast) => toast.id !== id));

/** Says something at the edge of the page. What went wrong stays until it is dismissed. */
export function say(content: ReactNode, tone: Toast['tone'] = 'plain'): void {
  const id = ++last;
  become([...toasts.slice(-3), { id, tone, content }]);
  if (tone === 'plain') setTimeout(() => dismiss(id), STAYS_MS);
}

export const useToasts = (): readonly Toast[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => toasts,
  );
