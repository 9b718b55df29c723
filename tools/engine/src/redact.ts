import type { AssetManifest, CheckResult } from '@nx-assets/core';
import type { Failure } from './events.ts';

/** Shorter texts are no secrets, and would be found everywhere. */
const SHORTEST = 4;
const MASK = '[secret]';

/** Takes secrets out of whatever leaves a step. */
export class Redactor {
  #texts: readonly string[] = [];

  constructor(secrets: readonly string[] = []) {
    for (const secret of secrets) this.add(secret);
  }

  /** From now on this text is a secret, in every form in which programs write it. */
  add(secret: string): void {
    if (secret.length < SHORTEST) return;
    const texts = new Set([...this.#texts, ...formsOf(secret)]);
    // The longest first: one secret may be part of another.
    this.#texts = [...texts].sort((a, b) => b.length - a.length);
  }

  text(given: string): string {
    return this.#texts.reduce((text, secret) => text.replaceAll(secret, MASK), given);
  }

  /** The same data without secrets, in keys and values. */
  data<T>(given: T): T {
    return this.#texts.length === 0 ? given : (this.#redact(given) as T);
  }

  failure(given: Failure): Failure {
    const { message, stack } = given;
    return { ...given, message: this.text(message), stack: stack && this.text(stack) };
  }

  /** What checks saw; what they are called stays. */
  checks(given: readonly CheckResult[]): CheckResult[] {
    return given.map((check) => ({ ...check, facts: this.data(check.facts), rows: this.data(check.rows) }));
  }

  #redact(given: unknown): unknown {
    if (typeof given === 'string') return this.text(given);
    if (Array.isArray(given)) return given.map((item) => this.#redact(item));
    if (typeof given !== 'object' || given === null) return given;
    return Object.fromEntries(
      Object.entries(given).map(([name, value]) => [this.text(name), this.#redact(value)]),
    );
  }
}

/** A text as it is, and as it stands in an address, in a form, in JSON and in a header. */
function formsOf(secret: string): string[] {
  // Half of a pair is in no address; it would be refused.
  const whole = secret.toWellFormed();
  return [
    secret,
    encodeURIComponent(whole),
    new URLSearchParams({ '': whole }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
  ];
}

/** The values that an environment has for the secrets of assets. */
export const secretsIn = (
  manifests: Iterable<Pick<AssetManifest, 'secrets'>>,
  env: Readonly<Record<string, string | undefined>>,
): string[] => [...manifests].flatMap(({ secrets }) => secrets.flatMap((name) => env[name] ?? []));
