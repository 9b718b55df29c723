/** Functions and statements of DuckDB that open files: then any text of the query may be a name. */
const OPENS = /\b(read_\w+|parquet_\w+|sniff_csv|glob|\w+_scan)\s*\(|\b(attach|copy)\b/i;

/** Where a text, or a name in quotes, stands for a table. DuckDB goes by the ending. */
const TABLES = new Set(['from', 'join', ',']);
const ENDING = /\.[a-z]\w*$/i;

/** Comments, texts in quotes or between dollars, names in quotes, and words, each as a whole. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'((?:[^']|'')*)'|\$(\w*)\$([\s\S]*?)\$\2\$|"((?:[^"]|"")*)"|[A-Za-z_]\w*|\S/g;

/**
 * What may be the names of files in a query: texts of it, and values that it is given. It is read as DuckDB reads it as far as
 * texts go; a name that the query puts together is not seen.
 */
export function filesInSql(text: string, values: readonly unknown[]): string[] {
  const opens = OPENS.test(text);
  if (!opens && !/\b(from|join)\b/i.test(text)) return [];
  const found: string[] = [];
  let before = '';
  for (const [token, quoted, , dollars, name] of text.matchAll(TOKEN)) {
    if (token.startsWith('--') || token.startsWith('/*')) continue;
    const file = quoted?.replaceAll("''", "'") ?? dollars ?? name?.replaceAll('""', '"');
    const isTable = file !== undefined && TABLES.has(before) && ENDING.test(file);
    // What a query writes is no file that it reads.
    if (file !== undefined && (isTable || (opens && name === undefined && before !== 'to'))) found.push(file);
    before = token.toLowerCase();
  }
  return opens ? [...found, ...values.filter((value) => typeof value === 'string')] : found;
}
