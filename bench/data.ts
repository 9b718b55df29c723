import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const WORDS =
  'quia et suscipit recusandae consequuntur expedita cum reprehenderit molestiae ut quas totam'.split(' ');

/** Numbers that look random and are the same every time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Writes `users.json` and `posts.json` in the shape of JSONPlaceholder. The same bytes every time. */
export function writeData(folder: string, users: number, posts: number): void {
  const random = randomFrom(42);
  const words = (count: number) =>
    Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');
  writeArray(join(folder, 'users.json'), users, (id) => ({
    id,
    name: `${words(1)} ${words(1)} ${id}`,
    username: `user_${id}`,
    email: `User.${id}@Example-${id % 100}.org`,
    address: {
      street: words(2),
      suite: `Apt. ${id % 900}`,
      city: `City ${id % 1000}`,
      zipcode: String(10_000 + (id % 90_000)),
      geo: { lat: (random() * 180 - 90).toFixed(4), lng: (random() * 360 - 180).toFixed(4) },
    },
    phone: `1-770-${id}`,
    website: `site-${id}.org`,
    company: { name: words(2), catchPhrase: words(3), bs: words(3) },
  }));
  writeArray(join(folder, 'posts.json'), posts, (id) => ({
    userId: 1 + Math.floor(random() * users),
    id,
    title: words(6),
    body: `${words(8)}\n${words(8)}\n${words(8)}`,
  }));
}

function writeArray(path: string, length: number, make: (id: number) => object): void {
  const file = openSync(path, 'w');
  let block = '[';
  for (let id = 1; id <= length; id++) {
    block += (id > 1 ? ',' : '') + JSON.stringify(make(id));
    if (block.length > 1 << 20) {
      writeSync(file, block);
      block = '';
    }
  }
  writeSync(file, `${block}]`);
  closeSync(file);
}
