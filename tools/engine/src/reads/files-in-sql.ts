/** Functions of DuckDB that open files, and places where the name of a file stands for a table. */
const OPENS = /\b(read_\w+|parquet_\w+|sniff_csv|glob|\w+_scan)\s*\(|\b(from|join|attach)\s*['"$]|,\s*['"]/i;

/** Comments, texts in quotes or between dollars, names in quotes, and words, each as a whole. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|'((?:[^']|'')*)'|\$(\w*)\$([\s\S]*?)\$\2\$|"((?:[^"]|"")*)"|[A-Za-z_]\w*|\S/g;

/**
 * What may be the names of files in a query: texts of it, and values that it is given. It is read as DuckDB reads it as far as
 * texts go; a name that the query puts together is not seen.
 */
export function filesInSql(text: string, values: readonly unknown[]): string[] {
  if (!OPENS.test(text)) return [];
  const found: string[] = [];
  let before = '';
  for (const [token, quoted, , dollars, name] of text.matchAll(TOKEN)) {
    if (token.startsWith('--') || token.startsWith('/*')) continue;
    const file = quoted?.replaceAll("''", "'") ?? dollars ?? name?.replaceAll('""', '"');
    // What a query writes is no file that it reads.
    if (file !== undefined && before !== 'to') found.push(file);
    before = token.toLowerCase();
  }
  return [...found, ...values.filter((value) => typeof value === 'string')];
}
