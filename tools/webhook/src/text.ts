import type { JobEvent } from '@nx-assets/core';

/** How many failures are worth reading in a chat. */
const MOST = 5;
/** Of a message, which may hold a page of facts. */
const LONGEST = 300;

/** What became of a job, as a person reads it in a chat. */
export function textOf(event: JobEvent): string {
  const { job, status, startedAt, finishedAt, assets, failures, runId } = event;
  const seconds = Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  const counts = Object.entries(assets).map(([word, number]) => `${number} ${word}`);
  const head = `${status === 'succeeded' ? '✔' : '✖'} ${job} ${status} in ${seconds.toFixed(1)} s`;
  const lines = [
    counts.length > 0 ? `${head}: ${counts.join(', ')}` : head,
    ...failures.slice(0, MOST).map(({ name, message }) => `• ${name}: ${short(message)}`),
    ...(failures.length > MOST ? [`• and ${failures.length - MOST} more`] : []),
    `run ${runId}`,
  ];
  return escape(lines.join('\n'));
}

function short(message: string): string {
  const [line = ''] = message.split('\n');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** In a chat these three begin links and mentions. */
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
