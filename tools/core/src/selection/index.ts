// The entry for choosing assets by what is written of them: commands, the console and jobs need it, definitions do not.
export { parseSelection } from './parse.ts';
export { renderSelection } from './render.ts';
export { select } from './select.ts';
export {
  ASSET_STATUSES,
  type AssetStatus,
  type Hops,
  needsStatus,
  type SelectableAsset,
  type Selection,
  SELECTION_ATTRIBUTES,
  SELECTION_FUNCTIONS,
  type SelectionAttribute,
  type SelectionFunction,
  type Term,
} from './selection.ts';
export { suggest } from './suggest.ts';
export { unmatched, type UnmatchedTerm } from './unmatched.ts';
