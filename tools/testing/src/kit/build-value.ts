import fc from 'fast-check';

/** The part of JSON Schema, as zod writes it, that values are built from. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly $ref?: string;
}

/**
 * A value that fits a schema: the same for the same name and number, and another for another number where the schema
 * leaves room. What may be null has a value, what refers to itself ends.
 */
export function buildValue(schema: JsonSchema, name: string, number: number): unknown {
  if ('const' in schema) return schema.const;
  if (schema.enum) return pick(schema.enum, number);
  const variants = (schema.anyOf ?? schema.oneOf)?.filter(({ type, $ref }) => type !== 'null' && !$ref);
  if (variants) return variants.length > 0 ? buildValue(pick(variants, number), name, number) : null;
  if (schema.allOf && schema.type !== 'string') return buildAll(schema.allOf, name, number);
  const type = typeof schema.type === 'object' ? schema.type.find((one) => one !== 'null') : schema.type;
  switch (type) {
    case 'string':
      return buildText(schema, name, number);
    case 'integer':
      return buildNumber({ multipleOf: 1, ...schema }, number);
    case 'number':
      return buildNumber(schema, number);
    case 'boolean':
      return number % 2 === 0;
    case 'array':
      return buildArray(schema, name, number);
    case 'object':
      return buildObject(schema, number);
    case 'null':
      return null;
    default:
      // Anything will do, and whatever z.coerce makes of it can be made of a number.
      return number;
  }
}

const pick = <T>(of: readonly T[], number: number): T => of[number % of.length] as T;

function buildAll(parts: readonly JsonSchema[], name: string, number: number): unknown {
  const values = parts.map((part) => buildValue(part, name, number));
  const areObjects = values.every((value) => typeof value === 'object' && value !== null);
  return areObjects ? Object.assign({}, ...values) : values[0];
}

function buildObject({ properties = {}, additionalProperties, required = [] }: JsonSchema, number: number) {
  const isOpen = ({ $ref, items }: JsonSchema) => $ref !== undefined || items?.$ref !== undefined;
  const fields = Object.entries(properties)
    // It would go on forever: what may be left out of it is.
    .filter(([name, field]) => required.includes(name) || !isOpen(field))
    .map(([name, field]) => [name, buildValue(field, name, number)] as const);
  const isRecord = Object.keys(properties).length === 0 && typeof additionalProperties === 'object';
  return isRecord
    ? { [`key_${number}`]: buildValue(additionalProperties, 'value', number) }
    : Object.fromEntries(fields);
}

function buildArray(
  { items, prefixItems, minItems = 0 }: JsonSchema,
  name: string,
  number: number,
): unknown[] {
  if (prefixItems) return prefixItems.map((item) => buildValue(item, name, number));
  if (!items || items.$ref !== undefined) return [];
  const length = Math.max(1, minItems);
  // One number apart from the next, so that a set of them is as large as the list.
  return Array.from({ length }, (_, index) => buildValue(items, name, number + index));
}

function buildNumber(schema: JsonSchema, number: number): number {
  const { multipleOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const least = safe(minimum ?? exclusiveMinimum);
  const most = safe(maximum ?? exclusiveMaximum);
  if (multipleOf === undefined && least !== undefined && most !== undefined && most - least < 2) {
    return least + ((most - least) * (1 + (number % 7))) / 8;
  }
  const step = multipleOf ?? 1;
  // In steps: the first and the last that the bounds leave.
  const first =
    least === undefined ? undefined : Math.ceil(least / step) + (isOn(exclusiveMinimum, step) ? 1 : 0);
  const last =
    most === undefined ? undefined : Math.floor(most / step) - (isOn(exclusiveMaximum, step) ? 1 : 0);
  const start = first ?? Math.min(1, last ?? 1);
  const room = last === undefined ? Infinity : Math.max(1, last - start + 1);
  const at = number - 1 < room ? number - 1 : (number - 1) % room;
  return (start + at) * step;
}

/** zod writes the largest whole number as a bound where nobody set one. */
const safe = (bound: number | undefined): number | undefined =>
  bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound;

const isOn = (bound: number | undefined, step: number): boolean =>
  bound !== undefined && Number.isInteger(bound / step);

const two = (number: number) => String(number).padStart(2, '0');
const day = (number: number) => `2026-${two((Math.floor(number / 28) % 12) + 1)}-${two((number % 28) + 1)}`;
const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0').slice(-digits);

const FORMATS: Readonly<Record<string, (name: string, number: number) => string>> = {
  email: (name, number) => `${name}${number}@example.org`,
  uri: (name, number) => `https://example.org/${name}/${number}`,
  uuid: (_, number) => `00000000-0000-4000-8000-${hex(number, 12)}`,
  guid: (_, number) => `00000000-0000-4000-8000-${hex(number, 12)}`,
  'date-time': (_, number) => `${day(number)}T12:00:00.000Z`,
  date: (_, number) => day(number),
  time: (_, number) => `${two(number % 24)}:00:00`,
  duration: (_, number) => `PT${number}S`,
  ipv4: (_, number) => `192.0.2.${number % 256}`,
  ipv6: (_, number) => `2001:db8::${(number % 0xffff).toString(16)}`,
};

function buildText(schema: JsonSchema, name: string, number: number): string {
  const { format = '', minLength = 0, maxLength = Infinity } = schema;
  const patterns = [schema.pattern, ...(schema.allOf ?? []).map(({ pattern }) => pattern)]
    .filter((pattern) => pattern !== undefined)
    .map((pattern) => new RegExp(pattern, 'u'));
  const fits = (text: string | undefined): text is string =>
    text !== undefined &&
    text.length >= minLength &&
    text.length <= maxLength &&
    patterns.every((pattern) => pattern.test(text));
  const text = `${name} ${number}`;
  const short = maxLength === 0 ? '' : String(number).slice(-maxLength).padStart(minLength, '0');
  const simple = [FORMATS[format]?.(plain(name), number), text, text.padEnd(minLength, '.'), short].find(
    fits,
  );
  return simple ?? matching(patterns, fits, number) ?? text;
}

const plain = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '') || 'name';

/** A text for regular expressions: something for each of them, drawn with the number as the seed, one after another. */
function matching(
  patterns: readonly RegExp[],
  fits: (text: string) => boolean,
  number: number,
): string | undefined {
  if (patterns.length === 0) return undefined;
  const drawn = patterns.map((pattern) =>
    fc.sample(fc.stringMatching(pattern), { seed: number, numRuns: 200 }),
  );
  const joined = drawn[0]?.map((_, index) => drawn.map((texts) => texts[index]).join(''));
  return joined?.find(fits) ?? drawn.flat().find(fits);
}
