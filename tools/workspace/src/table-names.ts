import { type AssetKey, groupOf, identifier, type Json, nameOf } from '@nx-assets/core';

export type Row = Readonly<Record<string, Json>>;

/** What a table is called in a query over the workspace. */
export const viewOf = (key: AssetKey): string => `${identifier(groupOf(key))}.${identifier(nameOf(key))}`;
