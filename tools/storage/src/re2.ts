const PUNCTUATION = /[!-/:-@[-`{-~]/;
const SAME_IN_BOTH = /[dwDWtnrfv]/;
const SPACES = String.raw`\t\n\v\f\r `;

export interface Re2Pattern {
  readonly pattern: string;
  /** Whether it matches nothing but ASCII texts; of others the two may say different things. */
  readonly isAscii: boolean;
}

/**
 * A pattern that says of every ASCII text what a JavaScript pattern says of it, for DuckDB's RE2; `null` where
 * there is none, or where it is not sure: lookarounds, back references, what both spell differently.
 */
export function toRe2({ source, flags }: RegExp): Re2Pattern | null {
  if (!/^[dgisu]*$/.test(flags) || !/^[\t -~]*$/.test(source)) return null;
  const translation = new Translation(source, flags);
  const body = translation.whole();
  if (body === null) return null;
  const isIgnoringCase = flags.includes('i');
  const isWhole = /^\^[\s\S]*[^\\]\$$/.test(source) && !translation.hasAlternatives;
  return {
    pattern: isIgnoringCase ? `(?i)${body}` : body,
    isAscii: isWhole && !isIgnoringCase && !/\.|\[\^|\\/.test(source.replaceAll(/\\[^SWDBpPux]/g, '')),
  };
}

class Translation {
  readonly #source: string;
  readonly #flags: string;
  #at = 0;
  #depth = 0;
  /** Whether it is one pattern or another: `^` and `$` then hold for one of them. */
  hasAlternatives = false;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags;
  }

  whole(): string | null {
    let out = '';
    while (this.#at < this.#source.length) {
      const part = this.#part();
      if (part === null) return null;
      out += part;
    }
    return out;
  }

  /** Takes what a sticky pattern matches here. */
  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match) this.#at += match[0].length;
    return match;
  }

  #part(): string | null {
    const character = this.#source.charAt(this.#at);
    switch (character) {
      case '\\':
        return this.#escape();
      case '[':
        return this.#class();
      case '.':
        this.#at++;
        return this.#flags.includes('s') ? String.raw`[\x00-\x7f]` : String.raw`[^\n\r]`;
      case '(': {
        const group = this.#take(/\((?!\?)|\(\?:|\(\?<[A-Za-z_]\w*>/y);
        this.#depth++;
        // What is captured, nobody asks for; not to keep it is faster.
        return group && '(?:';
      }
      case ')':
      case '|':
        if (character === ')') this.#depth--;
        else if (this.#depth === 0) this.hasAlternatives = true;
        this.#at++;
        return character;
      case '{':
        return this.#take(/\{\d+(?:,\d*)?\}/y)?.[0] ?? null;
      case ']':
      case '}':
        this.#at++;
        return `\\${character}`;
      default:
        this.#at++;
        return character;
    }
  }

  #escape(): string | null {
    const property = this.#flags.includes('u') && this.#take(/\\[pP]\{(?:L|Lu|Ll|N|Nd|P|S|Z)\}/y);
    if (property) return this.#flags.includes('i') ? null : property[0];
    const spaces = this.#take(/\\[sS]/y)?.[0];
    if (spaces !== undefined) return spaces === '\\s' ? `[${SPACES}]` : `[^${SPACES}]`;
    return this.#take(/\\[bB]/y)?.[0] ?? this.#escapedCharacter();
  }

  #escapedCharacter(): string | null {
    const code = this.#take(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|0(?!\d))/y);
    if (code) {
      const point = Number.parseInt(code[1] ?? code[2] ?? '0', 16);
      const isSurrogate = point >= 0xd800 && point <= 0xdfff;
      // Which letters are the same but for their case, both tell in their own way.
      if (isSurrogate || (point > 0x7f && this.#flags.includes('i'))) return null;
      return `\\x{${point.toString(16)}}`;
    }
    const simple = this.#take(/\\[\s\S]/y)?.[0];
    const character = simple?.charAt(1) ?? '';
    return SAME_IN_BOTH.test(character) || PUNCTUATION.test(character) ? (simple ?? null) : null;
  }

  #class(): string | null {
    let out = this.#take(/\[\^?/y)?.[0] ?? '';
    // `[]` and `[^]` have no word in RE2, where a bracket that comes first is one of the characters.
    if (this.#source.charAt(this.#at) === ']') return null;
    // A set beside a hyphen: `[\w-.]` is no range in JavaScript.
    while (this.#at < this.#source.length) {
      if (this.#take(/\]/y)) return `${out}]`;
      const set = this.#take(/\\[dwsDW](-(?!\]))?/y);
      const part = set ? this.#set(set, out) : this.#take(/\[/y) ? '\\[' : this.#member();
      if (part === null) return null;
      out += part;
    }
    return null;
  }

  #set(set: RegExpExecArray, before: string): string | null {
    if (set[1] !== undefined || /[^[^\\]-$/.test(before)) return null;
    return set[0] === '\\s' ? SPACES : set[0];
  }

  #member(): string | null {
    if (this.#take(/\\b/y)) return String.raw`\x08`;
    if (this.#source.charAt(this.#at) === '\\') return this.#escapedCharacter();
    return this.#source.charAt(this.#at++);
  }
}
