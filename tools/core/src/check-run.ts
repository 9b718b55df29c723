import type { AnyAsset, Check, CheckRule } from './asset-model.ts';
import type { CheckAnswer, CheckResult, CheckSubject, Statistic } from './check-model.ts';
import type { Json } from './json.ts';
import { identifier, sql, type Sql, type SqlValue } from './sql.ts';
import type { Column, Scalar, Table } from './table.ts';

type AnyTable = Table<Record<string, unknown>>;

/** How many offending rows a result keeps. */
const SHOWN = 20;

/** What checks look at. */
export interface CheckScene {
  readonly value: unknown;
  readonly signal: AbortSignal;
  readonly now: Date;
  /** Whether rows may be shown. */
  readonly preview: boolean;
  query<Row = Record<string, unknown>>(query: Sql): Promise<Row[]>;
  /** The table of another asset, for `refersTo`. */
  tableOf(asset: AnyAsset): AnyTable | undefined;
  /** The columns of the last materialization; `null` where there is none. */
  readonly previousColumns: readonly Column[] | null;
  /** What a check saw in the last runs in which it passed, the newest first. */
  passedBefore(check: string, runs: number): Promise<readonly CheckResult['facts'][]>;
}

/** Runs checks one after another. A check that throws does not pass, and says why. */
export async function runChecks(checks: readonly Check[], scene: CheckScene): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    scene.signal.throwIfAborted();
    const { name, description, severity } = check;
    results.push({ name, description, severity, ...(await verdictOn(check, scene)) });
  }
  return results;
}

type Verdict = Pick<CheckResult, 'passed' | 'facts' | 'rows'>;

async function verdictOn(check: Check, scene: CheckScene): Promise<Verdict> {
  try {
    return await run(check, scene);
  } catch (error) {
    if (scene.signal.aborted) throw error;
    return {
      passed: false,
      facts: { error: error instanceof Error ? error.message : String(error) },
      rows: [],
    };
  }
}

async function run({ name, rule }: Check, scene: CheckScene): Promise<Verdict> {
  const table = scene.value as AnyTable;
  switch (rule.kind) {
    case 'row-count':
      return verdict(isWithin(table.rowCount, rule.min, rule.max), { rows: table.rowCount });
    case 'steady':
      return steady(rule, table, await scene.passedBefore(name, rule.runs), scene);
    case 'same-schema':
      return sameColumns(table.columns, scene.previousColumns);
    case 'max-age':
      return newest(rule, table, scene);
    case 'unique':
      return repeated(rule.columns, table, scene);
    case 'function': {
      const subject: CheckSubject<unknown> = scene;
      return answer(
        await (rule.run as (subject: CheckSubject<unknown>) => CheckAnswer | Promise<CheckAnswer>)(subject),
      );
    }
    default: {
      const wrong = conditionOf(rule, scene);
      const [{ failed = 0 } = {}] = await scene.query<{ failed: number }>(
        glue(['SELECT count(*) AS failed FROM ', table, ' WHERE ', wrong]),
      );
      const rows = failed > 0 ? await sample(glue(['SELECT * FROM ', table, ' WHERE ', wrong]), scene) : [];
      return verdict(failed === 0, { failed, rows: table.rowCount }, rows);
    }
  }
}

/** The condition under which a row does not pass. */
function conditionOf(
  rule: Extract<CheckRule, { kind: 'not-null' | 'accepted' | 'range' | 'pattern' | 'refers-to' }>,
  scene: CheckScene,
): Sql {
  const column = identifier(rule.column);
  switch (rule.kind) {
    case 'not-null':
      return glue([`${column} IS NULL`]);
    case 'accepted':
      return glue([`${column} IS NOT NULL AND ${column} NOT IN (`, ...between(rule.values), ')']);
    case 'range': {
      const bounds: SqlPart[] = ['FALSE'];
      if (rule.min !== null) bounds.push(` OR ${column} < `, { scalar: rule.min });
      if (rule.max !== null) bounds.push(` OR ${column} > `, { scalar: rule.max });
      return glue(bounds);
    }
    case 'pattern':
      return glue([
        `${column} IS NOT NULL AND NOT regexp_matches(${column}, `,
        { scalar: rule.pattern },
        ')',
      ]);
    case 'refers-to': {
      const to = scene.tableOf(rule.to);
      if (!to) throw new Error('The table that it refers to is not among the deps.');
      const key = identifier(rule.key);
      return glue([
        `${column} IS NOT NULL AND ${column} NOT IN (SELECT ${key} FROM `,
        to,
        ` WHERE ${key} IS NOT NULL)`,
      ]);
    }
  }
}

async function repeated(columns: readonly string[], table: AnyTable, scene: CheckScene): Promise<Verdict> {
  const names = columns.map(identifier).join(', ');
  const present = columns.map((name) => `${identifier(name)} IS NOT NULL`).join(' AND ');
  const groups = glue([
    `SELECT ${names}, count(*) AS "number of rows" FROM `,
    table,
    ` WHERE ${present} GROUP BY ${names} HAVING count(*) > 1`,
  ]);
  const [{ failed = 0 } = {}] = await scene.query<{ failed: number }>(
    glue(['SELECT count(*) AS failed FROM ', groups]),
  );
  const rows = failed > 0 ? await sample(glue(['SELECT * FROM ', groups, ` ORDER BY ${names}`]), scene) : [];
  return verdict(failed === 0, { failed, rows: table.rowCount }, rows);
}

async function newest(
  { column, maxAge }: Extract<CheckRule, { kind: 'max-age' }>,
  table: AnyTable,
  { query, now }: CheckScene,
): Promise<Verdict> {
  const [{ last = null } = {}] = await query<{ last: string | null }>(
    glue([`SELECT max(${identifier(column)}) AS last FROM `, table]),
  );
  const age = last === null ? Number.NaN : now.getTime() - Date.parse(last);
  return verdict(age <= maxAge, { newest: last, maxAgeMilliseconds: maxAge });
}

async function steady(
  { statistic, column, factor }: Extract<CheckRule, { kind: 'steady' }>,
  table: AnyTable,
  before: readonly CheckResult['facts'][],
  { query }: CheckScene,
): Promise<Verdict> {
  let value: number | null = table.rowCount;
  if (column !== null) {
    const select = `SELECT CAST(${aggregate(statistic, identifier(column))} AS DOUBLE) AS value FROM `;
    const [row] = await query<{ value: number | null }>(glue([select, table]));
    value = row?.value ?? null;
  }
  const values = before.flatMap((facts) => (typeof facts.value === 'number' ? facts.value : []));
  const median = values.sort((a, b) => a - b)[values.length >> 1];
  if (median === undefined) return verdict(true, { value, median: null });
  const bounds = [median / factor, median * factor].sort((a, b) => a - b);
  return verdict(value !== null && isWithin(value, bounds[0] ?? null, bounds[1] ?? null), { value, median });
}

function aggregate(statistic: Statistic, column: string): string {
  switch (statistic) {
    case 'rows':
      return 'count(*)';
    case 'nulls':
      return `count(*) FILTER (WHERE ${column} IS NULL) / count(*)`;
    case 'distinct':
      return `count(DISTINCT ${column})`;
    case 'mean':
      return `avg(${column})`;
    case 'min':
    case 'max':
    case 'sum':
      return `${statistic}(${column})`;
  }
}

function sameColumns(now: readonly Column[], was: readonly Column[] | null): Verdict {
  if (was === null) return verdict(true, {});
  const texts = (columns: readonly Column[]) =>
    new Map(columns.map((column) => [column.name, JSON.stringify(column)]));
  const [after, before] = [texts(now), texts(was)];
  const added = [...after.keys()].filter((name) => !before.has(name));
  const removed = [...before.keys()].filter((name) => !after.has(name));
  const changed = [...after]
    .filter(([name, text]) => before.has(name) && before.get(name) !== text)
    .map(([name]) => name);
  return verdict(added.length + removed.length + changed.length === 0, { added, removed, changed });
}

const answer = (given: CheckAnswer): Verdict =>
  typeof given === 'boolean' ? verdict(given, {}) : verdict(given.passed, given.facts ?? {});

const verdict = (passed: boolean, facts: Record<string, Json>, rows: readonly Json[] = []): Verdict => ({
  passed,
  facts,
  rows,
});

const isWithin = (number: number, min: number | null, max: number | null): boolean =>
  (min === null || number >= min) && (max === null || number <= max);

const sample = async (query: Sql, scene: CheckScene): Promise<Json[]> =>
  scene.preview ? scene.query<Record<string, Json>>(glue(['SELECT * FROM ', query, ` LIMIT ${SHOWN}`])) : [];

type SqlPart = string | { readonly scalar: Scalar } | Sql | AnyTable;

const between = (values: readonly Scalar[]): SqlPart[] =>
  values.flatMap((scalar, index): SqlPart[] => (index === 0 ? [{ scalar }] : [', ', { scalar }]));

/** A query from text and values. Names of columns are text, and quoted; whatever comes from data is a parameter. */
function glue(pieces: readonly SqlPart[]): Sql {
  const strings = [''];
  const values: SqlValue[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') strings[strings.length - 1] += piece;
    else {
      values.push('scalar' in piece ? piece.scalar : (piece as SqlValue));
      strings.push('');
    }
  }
  return sql(Object.assign([...strings], { raw: strings }), ...values);
}
