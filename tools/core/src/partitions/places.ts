/** Where keys are in a list that stays as it is. Asked in the order of the list, however often, that costs nothing. */
export class Places<Key extends string | null = string> {
  readonly #keys: readonly Key[];
  #places: ReadonlyMap<Key, number> | undefined;
  #next = 0;

  constructor(keys: readonly Key[]) {
    this.#keys = keys;
  }

  /** -1 where it is none of them. */
  indexOf(key: Key): number {
    if (this.#keys[this.#next] === key) return this.#next;
    if (this.#keys[this.#next + 1] === key) return ++this.#next;
    if (this.#keys[0] === key) return (this.#next = 0);
    this.#places ??= new Map(this.#keys.map((one, place) => [one, place]));
    const place = this.#places.get(key) ?? -1;
    if (place >= 0) this.#next = place;
    return place;
  }
}
