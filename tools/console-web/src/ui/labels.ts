import type { Status, StepStatus } from '@nx-assets/console/wire';

const number = new Intl.NumberFormat('en');

/** `1,234`; a dash where nothing is known. */
export const count = (value: number | null): string => (value === null ? '–' : number.format(value));

/** `1.4 kB`. */
export function bytes(value: number | null): string {
  if (value === null) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${power === 0 ? scaled : scaled.toFixed(scaled < 10 ? 1 : 0)} ${units[power]}`;
}

/** `320 ms`, `4.2 s`, `3 min 5 s`. */
export function span(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  if (milliseconds < 1_000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((milliseconds % 60_000) / 1_000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `<1m`, `4m`, `6h`, `1d`: how long ago. */
export function age(at: number | null, now: number): string {
  if (at === null) return '–';
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return '<1m';
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h`;
  return `${Math.floor(minutes / 1440)}d`;
}

/** A clock and a date, in the zone of who looks. */
export const time = (at: number): string =>
  new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
/** `12:04:31.118`. */
export const clock = (at: number): string => {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
};

/** What a status is called, in front of people. */
export const STATUS_LABELS: Readonly<Record<Status | 'running', string>> = {
  fresh: 'Fresh',
  stale: 'Stale',
  due: 'Due',
  overdue: 'Overdue',
  failed: 'Failed',
  missing: 'Missing',
  running: 'Running',
};
export const STEP_LABELS: Readonly<Record<StepStatus, string>> = {
  running: 'Running',
  materialized: 'Materialized',
  'up-to-date': 'Up to date',
  failed: 'Failed',
  blocked: 'Blocked',
  cancelled: 'Cancelled',
  done: 'Done',
  lost: 'Lost',
};

/** `3 assets`, `1 asset`. */
export const plural = (amount: number, one: string, many = `${one}s`): string =>
  `${count(amount)} ${amount === 1 ? one : many}`;
