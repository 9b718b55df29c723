/** After the main job: are all the assets there, each with bytes that are what its record says? */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';

const ASSETS = 30;
const CSV = [
  'output/modular_users.csv',
  'output/modular_posts_enriched.csv',
  'output/modular_user_stats.csv',
  'output/modular_top_authors.csv',
  'output/user_data.csv',
];

type Record = { key: string; dataVersion: string; value: { path: string; bytes: number } };

const records = globSync('output/**/*.record.json').map(
  (path) => JSON.parse(readFileSync(path, 'utf8')) as Record,
);
const problems: string[] = [];

const assets = new Set(records.map(({ key }) => key)).size;
if (assets !== ASSETS) problems.push(`expected records of ${ASSETS} assets in output/, found ${assets}`);
for (const path of CSV)
  if (!records.some((record) => record.value.path === path)) problems.push(`no asset recorded ${path}`);
for (const { key, dataVersion, value } of records) {
  if (!existsSync(value.path)) {
    problems.push(`${key}: ${value.path} is not there`);
    continue;
  }
  const bytes = readFileSync(value.path);
  if (bytes.length !== value.bytes)
    problems.push(`${key}: ${bytes.length} bytes, its record says ${value.bytes}`);
  if (createHash('sha256').update(bytes).digest('hex') !== dataVersion)
    problems.push(`${key}: its bytes are not those of its record`);
}

process.stdout.write(
  problems.length === 0
    ? `${assets} assets in ${records.length} values, each as recorded\n`
    : `${problems.join('\n')}\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
