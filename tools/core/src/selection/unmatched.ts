import { Catalog } from './catalog.ts';
import { hasWildcard } from './pattern.ts';
import { renderSelection } from './render.ts';
import { type SelectableAsset, type Selection, type Term, termsOf } from './selection.ts';
import { suggest } from './suggest.ts';

/** A term that no asset fits, and the term that was probably meant, both as text. */
export interface UnmatchedTerm {
  readonly text: string;
  readonly suggestion: string | null;
}

/** A suggestion compares a word with all others, and nobody reads many. */
const MAX_SUGGESTIONS = 20;

/**
 * The terms of a selection that name something which is not there, each once.
 *
 * A wildcard or a status that nothing fits is no mistake: there may be something tomorrow.
 */
export function unmatched(
  selection: Selection,
  assets: readonly SelectableAsset[],
): readonly UnmatchedTerm[] {
  const catalog = new Catalog(assets);
  const found = new Map<string, UnmatchedTerm>();
  for (const term of termsOf(selection)) {
    if (term.attribute === 'status' || hasWildcard(term.pattern)) continue;
    const text = renderSelection(term);
    if (found.has(text) || catalog.matches(term).length > 0) continue;
    const meant = found.size < MAX_SUGGESTIONS ? suggestion(term, catalog) : null;
    found.set(text, { text, suggestion: meant && renderSelection(meant) });
  }
  return [...found.values()];
}

function suggestion(term: Term, catalog: Catalog): Term | null {
  // Who writes the name of a group means its assets.
  if (term.attribute === 'name' && catalog.column('group').has(term.pattern)) {
    return { ...term, attribute: 'group' };
  }
  const pattern = suggest(term.pattern, catalog.column(term.attribute).keys());
  return pattern === null ? null : { ...term, pattern };
}
