import { createHash } from 'node:crypto';

// What every asset must hold, computed from the raw data in plain TypeScript: no SQL, no frames, nothing of
// the packages. The tests compare each row of each asset with it.

type Text = string | null | undefined;

/** A user as an API may give it: what is optional may be missing or null. */
export interface RawUser {
  readonly id: number;
  readonly name: string;
  readonly username: string;
  readonly email: string;
  readonly phone?: Text;
  readonly website?: Text;
  readonly address?: {
    readonly street?: Text;
    readonly suite?: Text;
    readonly city?: Text;
    readonly zipcode?: Text;
    readonly geo?: { readonly lat?: Text; readonly lng?: Text } | null;
  } | null;
  readonly company?: { readonly name?: Text; readonly catchPhrase?: Text; readonly bs?: Text } | null;
}

export interface RawPost {
  readonly userId: number;
  readonly id: number;
  readonly title: string;
  readonly body: string;
}

export interface RawData {
  readonly users: readonly RawUser[];
  readonly posts: readonly RawPost[];
}

export type Row = Readonly<Record<string, unknown>>;

/** The columns of each flat table, in order. */
export const COLUMNS = {
  'transforms/users_cleaned': [
    ...['user_id', 'name', 'username', 'email', 'email_domain', 'phone', 'website'],
    ...['street', 'suite', 'city', 'zipcode', 'lat', 'lng'],
    ...['company_name', 'company_catch_phrase', 'company_bs'],
  ],
  'transforms/posts_cleaned': [
    ...['post_id', 'user_id', 'title', 'body', 'title_length', 'body_length', 'word_count'],
  ],
  'transforms/posts_with_user_info': [
    ...['post_id', 'user_id', 'title', 'body', 'title_length', 'body_length', 'word_count'],
    ...['username', 'author_name', 'author_email', 'author_city', 'author_company'],
  ],
  'analytics/user_activity_stats': [
    ...['user_id', 'username', 'name', 'total_posts', 'total_words', 'avg_title_length', 'avg_body_length'],
  ],
  'analytics/top_authors': [
    ...['rank', 'user_id', 'username', 'name', 'total_posts', 'total_words'],
    ...['avg_title_length', 'avg_body_length'],
  ],
  'simple-assets/transformed_user_data': ['user_id', 'name', 'email', 'city', 'company'],
} as const;

/** Which table each CSV file holds, and where it lies. */
export const FILES = {
  users_csv: { from: 'transforms/users_cleaned', path: 'output/modular_users.csv' },
  posts_enriched_csv: {
    from: 'transforms/posts_with_user_info',
    path: 'output/modular_posts_enriched.csv',
  },
  user_stats_csv: { from: 'analytics/user_activity_stats', path: 'output/modular_user_stats.csv' },
  top_authors_csv: { from: 'analytics/top_authors', path: 'output/modular_top_authors.csv' },
  user_data_csv: { from: 'simple-assets/transformed_user_data', path: 'output/user_data.csv' },
} as const;

export interface Expected {
  /** By asset key. */
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  readonly documents: Readonly<Record<string, unknown>>;
  /** The text of each file by its path. */
  readonly files: Readonly<Record<string, string>>;
}

export function expectedOf({ users, posts }: RawData): Expected {
  const rawUsers = users.map(asGiven);
  const rawPosts = posts.map(({ userId, id, title, body }) => ({
    userId,
    id,
    title: title.toWellFormed(),
    body: body.toWellFormed(),
  }));
  const cleanedUsers = rawUsers.map(cleanUser).sort((a, b) => a.user_id - b.user_id);
  const cleanedPosts = rawPosts.map(cleanPost).sort((a, b) => a.post_id - b.post_id);
  const authors = new Map(cleanedUsers.map((user) => [user.user_id, user]));
  const postsOf = Map.groupBy(cleanedPosts, (post) => post.user_id);
  const enriched = cleanedPosts.map((post) => {
    const author = authors.get(post.user_id);
    return {
      ...post,
      username: author?.username ?? null,
      author_name: author?.name ?? null,
      author_email: author?.email ?? null,
      author_city: author?.city ?? null,
      author_company: author?.company_name ?? null,
    };
  });
  const activity = cleanedUsers.map(({ user_id, username, name }) => {
    const own = postsOf.get(user_id) ?? [];
    return {
      user_id,
      username,
      name,
      total_posts: own.length,
      total_words: sum(own.map((post) => post.word_count)),
      avg_title_length: average(own.map((post) => post.title_length)),
      avg_body_length: average(own.map((post) => post.body_length)),
    };
  });
  const ranked = activity.toSorted(
    (a, b) => b.total_posts - a.total_posts || b.total_words - a.total_words || a.user_id - b.user_id,
  );
  const top = ranked.slice(0, 5).map((row, index) => ({ rank: index + 1, ...row }));
  const simple = rawUsers.map(({ id, name, email, address, company }) => ({
    user_id: id,
    name,
    email,
    city: address?.city ?? null,
    company: company?.name ?? null,
  }));
  const tables = {
    'sources/api_users_raw': rawUsers,
    'sources/api_posts_raw': rawPosts,
    'transforms/users_cleaned': cleanedUsers,
    'transforms/posts_cleaned': cleanedPosts,
    'transforms/posts_with_user_info': enriched,
    'analytics/user_activity_stats': activity,
    'analytics/top_authors': top,
    'simple-assets/raw_user_data': rawUsers,
    'simple-assets/transformed_user_data': simple,
  };
  const files = Object.fromEntries(
    Object.values(FILES).map(({ from, path }) => [path, csvOf(COLUMNS[from], tables[from])]),
  );
  const dataSummary = {
    total_users: users.length,
    total_posts: posts.length,
    avg_posts_per_user: quotient(posts.length, users.length),
    avg_title_length: average(cleanedPosts.map((post) => post.title_length)),
    avg_body_length: average(cleanedPosts.map((post) => post.body_length)),
    users_without_posts: activity.filter(({ total_posts }) => total_posts === 0).length,
    posts_without_user: posts.filter(({ userId }) => !authors.has(userId)).length,
    distinct_cities: new Set(cleanedUsers.flatMap(({ city }) => city ?? [])).size,
    most_active_username: ranked.find(({ total_posts }) => total_posts > 0)?.username ?? null,
  };
  const exported = (['users_csv', 'posts_enriched_csv', 'user_stats_csv', 'top_authors_csv'] as const).map(
    (asset) => {
      const { from, path } = FILES[asset];
      return { asset, path, rows: tables[from].length, ...measure(files[path] ?? '') };
    },
  );
  const documents = {
    'analytics/data_summary': dataSummary,
    'exports/export_summary': {
      exported_files: exported,
      summary: {
        total_files: exported.length,
        total_rows: sum(exported.map(({ rows }) => rows)),
        total_bytes: sum(exported.map(({ bytes }) => bytes)),
        ...dataSummary,
      },
    },
    'simple-assets/data_extraction_summary': {
      total_users: users.length,
      columns: COLUMNS['simple-assets/transformed_user_data'],
      cities: [...new Set(simple.flatMap(({ city }) => city ?? []))].sort(),
      csv_path: FILES.user_data_csv.path,
      csv_bytes: measure(files[FILES.user_data_csv.path] ?? '').bytes,
    },
  };
  return { tables, documents, files };
}

/** What is missing is null. Half of a surrogate pair is no text that a file could hold. */
function asGiven(user: RawUser) {
  const { id, name, username, email, address, company } = user;
  const text = (value: Text) => value?.toWellFormed() ?? null;
  return {
    id,
    name: name.toWellFormed(),
    username: username.toWellFormed(),
    email: email.toWellFormed(),
    address: address
      ? {
          street: text(address.street),
          suite: text(address.suite),
          city: text(address.city),
          zipcode: text(address.zipcode),
          geo: address.geo ? { lat: text(address.geo.lat), lng: text(address.geo.lng) } : null,
        }
      : null,
    phone: text(user.phone),
    website: text(user.website),
    company: company
      ? { name: text(company.name), catchPhrase: text(company.catchPhrase), bs: text(company.bs) }
      : null,
  };
}

function cleanUser(user: ReturnType<typeof asGiven>) {
  const { id, name, username, phone, website, address, company } = user;
  const email = lowerCase(user.email.trim());
  return {
    user_id: id,
    name,
    username,
    email,
    email_domain: email.includes('@') ? email.slice(email.lastIndexOf('@') + 1) || null : null,
    phone,
    website,
    street: address?.street ?? null,
    suite: address?.suite ?? null,
    city: address?.city ?? null,
    zipcode: address?.zipcode ?? null,
    lat: coordinate(address?.geo?.lat),
    lng: coordinate(address?.geo?.lng),
    company_name: company?.name ?? null,
    company_catch_phrase: company?.catchPhrase ?? null,
    company_bs: company?.bs ?? null,
  };
}

function cleanPost(post: RawPost) {
  const title = post.title.trim().replaceAll(/\s+/g, ' ');
  const body = post.body.replaceAll('\r\n', '\n').trim();
  return {
    post_id: post.id,
    user_id: post.userId,
    title,
    body,
    title_length: [...title].length,
    body_length: [...body].length,
    word_count: body === '' ? 0 : body.split(/\s+/).length,
  };
}

/** Letter by letter, so that no letter depends on its neighbours (as the Greek sigma would). */
const lowerCase = (text: string): string =>
  [...text].map((letter) => (letter === 'İ' ? 'i' : letter.toLowerCase())).join('');

function coordinate(text: Text): number | null {
  if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text ?? '')) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const average = (numbers: readonly number[]): number | null => quotient(sum(numbers), numbers.length);

/** Two decimals, a half rounded up, in whole numbers all the way. */
function quotient(total: number, count: number): number | null {
  if (count === 0) return null;
  const [dividend, divisor] = [BigInt(total), BigInt(count)];
  return Number((200n * dividend + divisor) / (2n * divisor)) / 100;
}

/** Quotes only where a reader needs them; null is nothing, the empty text is "". */
function csvOf(columns: readonly string[], rows: readonly Row[]): string {
  const cell = (value: unknown): string => {
    if (value === null) return '';
    if (typeof value !== 'string') return JSON.stringify(value);
    return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  };
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','));
  return [columns.map(cell).join(','), ...lines].map((line) => `${line}\n`).join('');
}

const measure = (text: string) => ({
  bytes: Buffer.byteLength(text),
  sha256: createHash('sha256').update(text).digest('hex'),
});
