import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Measurement {
  /** Milliseconds. */
  readonly wall: number;
  /** CPU seconds, user and system, of the process and everything that it started. */
  readonly cpu: number;
  /** The largest resident set of any one process, bytes. */
  readonly peak: number;
  readonly output: string;
}

/** Runs a command and measures it with all its children. Linux: reads /proc for the memory. */
export function measure(
  command: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    // bash counts what all children used, however deep.
    const child = spawn('bash', ['-c', 'TIMEFORMAT="cpu %U %S"; time "$0" "$@"', ...command], {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let peak = 0;
    const timer = setInterval(() => {
      for (const pid of descendants(child.pid ?? 0)) peak = Math.max(peak, peakOf(pid));
    }, 50);
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => {
      clearInterval(timer);
      const times = /cpu ([\d.]+) ([\d.]+)\s*$/.exec(output);
      if (code !== 0 || !times) return reject(new Error(`${command.join(' ')} failed (${code}):\n${output}`));
      const cpu = Number(times[1]) + Number(times[2]);
      return resolve({ wall: performance.now() - started, cpu, peak, output });
    });
  });
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = Number(/\) \S (\d+)/.exec(read(`/proc/${entry}/stat`))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found: number[] = [];
  const stack = [root];
  for (let pid = stack.pop(); pid !== undefined; pid = stack.pop()) {
    found.push(pid);
    stack.push(...(children.get(pid) ?? []));
  }
  return found;
}

const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}
