import type { AssetError } from '../diagnostics.ts';
import { betweenError, operandError, plusError, selectionError, unknownError } from './error.ts';
import { matcher } from './pattern.ts';
import {
  ASSET_STATUSES,
  attributeOf,
  type Hops,
  type Selection,
  SELECTION_ATTRIBUTES,
  SELECTION_FUNCTIONS,
  type SelectionFunction,
} from './selection.ts';
import { isDigits, tokenize, touch } from './tokens.ts';
import type { Token } from './token.ts';

/** Far more than anybody writes, and far less than the stack holds. */
const MAX_DEPTH = 100;

const KEYWORD = /^(?:and|or|not)$/i;

/** Reads the text of a selection. Throws `SELECTION_INVALID`, with a mark under what is wrong, and nothing else. */
export function parseSelection(text: string): Selection {
  return new Parser(text).selection();
}

/** One method for each level of the grammar, the loosest first. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  selection(): Selection {
    const { type, start } = this.#peek();
    if (type === 'end') throw this.#error(start, 'The selection is empty: write `*` for every asset.');
    const selection = this.#or();
    const rest = this.#peek();
    if (rest.type === ')') throw this.#error(rest.start, 'This `)` closes nothing: expected `(` before it.');
    if (rest.type !== 'end') throw betweenError(this.#text, rest.start);
    return selection;
  }

  #or(): Selection {
    return this.#chain('or', () => this.#chain('and', () => this.#not()));
  }

  #chain(type: 'and' | 'or', operand: () => Selection): Selection {
    const first = operand();
    if (!this.#take(type)) return first;
    const operands: [Selection, Selection, ...Selection[]] = [first, operand()];
    while (this.#take(type)) operands.push(operand());
    return { type, operands };
  }

  #not(): Selection {
    const start = this.#peek().start;
    if (!this.#take('not')) return this.#traverse();
    return this.#nested(start, () => ({ type: 'not', operand: this.#not() }));
  }

  #traverse(): Selection {
    const up = this.#hopsBefore();
    const operand = this.#operand();
    const down = this.#hopsAfter();
    return up === 0 && down === 0 ? operand : { type: 'traverse', up, down, operand };
  }

  #hopsBefore(): Hops {
    const first = this.#peek();
    const second = this.#peek(1);
    // Digits that are meant as a name are quoted.
    const counted = isDigits(first) && second.type === '+' && touch(first, second);
    const plus = counted ? second : first;
    if (plus.type !== '+') return 0;
    this.#position += counted ? 2 : 1;
    const next = this.#peek();
    if (next.type !== 'end' && !touch(plus, next)) throw plusError(this.#text, plus.start);
    return counted ? hops(first.text) : 'all';
  }

  #hopsAfter(): Hops {
    const plus = this.#peek();
    // There is a token before this one: the end of the operand.
    if (plus.type !== '+' || !touch(this.#peek(-1), plus)) return 0;
    this.#position++;
    const count = this.#peek();
    if (!isDigits(count) || !touch(plus, count)) return 'all';
    this.#position++;
    return hops(count.text);
  }

  #operand(): Selection {
    const token = this.#peek();
    if (token.type === '(') {
      this.#position++;
      return this.#inside(token);
    }
    if (token.type === 'quoted') {
      this.#position++;
      return bare(token.text);
    }
    if (token.type !== 'word' || KEYWORD.test(token.text)) throw operandError(this.#text, token);
    this.#position++;
    if (this.#peek().type === '(') {
      const name = SELECTION_FUNCTIONS.find((name) => name === token.text);
      if (name) return this.#call(name);
      if (touch(token, this.#peek()) && !token.text.includes(':')) {
        throw unknownError(this.#text, token.start, 'function', token.text, SELECTION_FUNCTIONS);
      }
    }
    return token.text.includes(':') ? this.#attribute(token) : bare(token.text);
  }

  #call(type: SelectionFunction): Selection {
    const open = this.#peek();
    this.#position++;
    if (this.#peek().type !== ')') return { type, operand: this.#inside(open) };
    this.#position++;
    return { type, operand: bare('*') };
  }

  /** What is between a parenthesis and the one that closes it. */
  #inside(open: Token): Selection {
    return this.#nested(open.start, () => {
      const selection = this.#or();
      const close = this.#peek();
      if (close.type === 'end') {
        throw this.#error(open.start, 'This `(` is not closed: expected `)` after it.');
      }
      if (close.type !== ')') throw betweenError(this.#text, close.start);
      this.#position++;
      return selection;
    });
  }

  #attribute(token: Token): Selection {
    const colon = token.text.indexOf(':');
    const name = token.text.slice(0, colon);
    const attribute = SELECTION_ATTRIBUTES.find((known) => known === name);
    if (!attribute) throw unknownError(this.#text, token.start, 'attribute', name, SELECTION_ATTRIBUTES);
    let pattern = token.text.slice(colon + 1);
    const start = token.start + colon + 1;
    if (pattern === '') {
      const value = this.#peek();
      if (value.type !== 'quoted' || !touch(token, value)) {
        throw this.#error(start, `Expected a value right after \`${name}:\`, with no space between.`);
      }
      this.#position++;
      pattern = value.text;
    }
    if (attribute === 'status' && !ASSET_STATUSES.some(matcher(pattern))) {
      throw unknownError(this.#text, start, 'status', pattern, ASSET_STATUSES);
    }
    return { type: 'term', attribute, pattern };
  }

  #nested(start: number, parse: () => Selection): Selection {
    if (this.#depth === MAX_DEPTH) {
      throw this.#error(start, `This is nested too deeply: expected at most ${MAX_DEPTH} levels.`);
    }
    this.#depth++;
    const selection = parse();
    this.#depth--;
    return selection;
  }

  #error(start: number, what: string): AssetError {
    return selectionError(this.#text, start, what);
  }

  /** The tokens end with one that is never taken, so there always is one here. */
  #peek(ahead = 0): Token {
    return (this.#tokens[this.#position + ahead] ?? this.#tokens.at(-1)) as Token;
  }

  #take(keyword: string): boolean {
    const token = this.#peek();
    if (token.type !== 'word' || token.text.toLowerCase() !== keyword) return false;
    this.#position++;
    return true;
  }
}

/** No graph is longer than a number can count. */
const hops = (digits: string): Hops => (Number.isSafeInteger(Number(digits)) ? Number(digits) : 'all');

const bare = (pattern: string): Selection => ({ type: 'term', attribute: attributeOf(pattern), pattern });
