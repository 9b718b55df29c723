import type { Decisions, RequestQueue, RequestStatus } from '@nx-assets/event-log';
import { decide, type Scene } from './decide.ts';
import { requestsNeeded } from './decide-conditions.ts';
import type { StateView } from './view.ts';

export interface PartialScene extends Omit<Scene, 'view' | 'isKnown'> {
  readonly view: StateView | null;
}

/**
 * Decides with what the ledger says of requests. To decide is pure and cannot wait for answers: where one was missing,
 * it is fetched, and everything is decided again. What conditions remember is fetched first, so that this is rare.
 */
export async function decideWithRequests(
  ledger: Pick<RequestQueue, 'requestsById'>,
  scene: PartialScene,
): Promise<Decisions> {
  const known = new Map<string, RequestStatus | null>();
  let missing = new Set(scene.view ? requestsNeeded(scene.automations.conditions, scene) : []);
  const statusOf = (id: string): RequestStatus | null => {
    const status = known.get(id);
    if (status === undefined) missing.add(id);
    return status ?? null;
  };
  for (;;) {
    const found = missing.size === 0 ? null : await ledger.requestsById([...missing]);
    for (const id of missing) known.set(id, found?.get(id)?.status ?? null);
    missing = new Set();
    const view = scene.view && { ...scene.view, requested: statusOf };
    const decisions = decide({ ...scene, view, isKnown: (id) => statusOf(id) !== null });
    if (missing.size === 0) return decisions;
  }
}
