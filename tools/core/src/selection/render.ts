import { attributeOf, type Hops, type Selection, type Term } from './selection.ts';

const BARE_VALUE = /^[\p{L}\p{M}\p{N}_\-./@*?:]+$/u;
/** What the parser takes for something other than a name. */
const NOT_A_NAME = /:|^(?:and|or|not|[0-9]+)$/i;

/** The canonical text of a selection: what parses to it again. */
export function renderSelection(selection: Selection): string {
  switch (selection.type) {
    case 'term':
      return renderTerm(selection);
    case 'and':
      return selection.operands.map((operand) => within(operand, ['and', 'or'])).join(' and ');
    case 'or':
      return selection.operands.map((operand) => within(operand, ['or'])).join(' or ');
    case 'not':
      return `not ${within(selection.operand, ['and', 'or'])}`;
    case 'traverse': {
      const { up, down, operand } = selection;
      const text = within(operand, ['and', 'or', 'not', 'traverse']);
      return `${up === 0 ? '' : `${count(up)}+`}${text}${down === 0 ? '' : `+${count(down)}`}`;
    }
    default:
      return `${selection.type}(${renderSelection(selection.operand)})`;
  }
}

/** In parentheses if it is one of those that would fall apart here. */
const within = (selection: Selection, loose: readonly Selection['type'][]): string => {
  const text = renderSelection(selection);
  return loose.includes(selection.type) ? `(${text})` : text;
};

const count = (hops: Hops): string => (hops === 'all' ? '' : String(hops));

function renderTerm({ attribute, pattern }: Term): string {
  const bare = attribute === attributeOf(pattern);
  const plain = BARE_VALUE.test(pattern) && !(bare && NOT_A_NAME.test(pattern));
  const text = plain ? pattern : `"${pattern.replace(/["\\]/g, '\\$&')}"`;
  return bare ? text : `${attribute}:${text}`;
}
