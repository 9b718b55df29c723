/** Where a number may be that JavaScript, or JSON, has no number for; in a text it does no harm. */
export const SUSPECT_NUMBER = String.raw`(^|[\[:,])\s*-?(nan|inf|[0-9.]+e\+?[0-9]{3}|[0-9]{16})`;

const LONG = /\d{16}/;

/** Reads JSON; a whole number that would lose digits comes as a bigint, so that a schema refuses it. */
export function parseExactly(text: string): unknown {
  if (!LONG.test(text)) return JSON.parse(text);
  return JSON.parse(text, function (_name, value: unknown, context?: { readonly source?: string }) {
    const { source } = context ?? {};
    if (typeof value !== 'number' || source === undefined) return value;
    // JavaScript writes 2^70 with all its digits, of which the last are no more than zeros: it comes back the same.
    const whole = /^(-?\d{16,})(?:\.\d+)?$/.exec(source)?.[1];
    if (whole === undefined || Number.isSafeInteger(value) || String(value) === source) return value;
    // Beyond 309 digits the value is infinite.
    const isExact = Number.isFinite(value) && BigInt(whole) === BigInt(Math.trunc(value));
    return isExact ? value : BigInt(whole);
  });
}

/** What of a value JSON would leave out, or make something else of without a word; `null` if nothing. */
export function notJson(value: unknown): string | null {
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? null : String(value);
    case 'object':
      return value === null ? null : notPlain(value);
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    default:
      return null;
  }
}

/** A date would come back as a text, a Map or a Set as an empty object. */
function notPlain(value: object): string | null {
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1);
  if (kind !== 'Object' && kind !== 'Array') return `a ${kind}`;
  return 'toJSON' in value && typeof value.toJSON === 'function' ? 'an object with toJSON()' : null;
}
