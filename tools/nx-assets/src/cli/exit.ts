/** What scripts can rely on. */
export const EXIT = { ok: 0, failed: 1, usage: 2, work: 10 } as const;
