import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells a process from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When it was started, as Linux counts it; `null` where that is not known. */
  readonly start: string | null;
}

/** Who runs this. */
export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  host: hostname(),
  start: processStart(process.pid, hostname()),
});

/** When a process of this machine was started: the boot, and the ticks since. */
export function processStart(pid: number, host: string): string | null {
  return host === hostname() ? (readStat(pid)?.start ?? null) : null;
}

/** Whether it is certain that the process has ended. Of other machines nothing is certain. */
export function isGone({ pid, host, start }: ProcessIdentity): boolean {
  if (host !== hostname() || !(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
  }
  const stat = readStat(pid);
  if (stat === null) return false;
  return stat.isEnded || (start !== null && stat.start !== start);
}

function readStat(pid: number): { start: string; isEnded: boolean } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before is in parentheses and may hold anything, parentheses too. State is field 3, the start field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // A killed process answers signals until its parent has asked for it.
    return { start: `${boot}/${fields[19]}`, isEnded: /^[ZX]/.test(fields[0] ?? '') };
  } catch {
    return null; // no /proc on this system
  }
}
