import type { AnyAsset, Check, Deps, Output } from './asset-model.ts';
import type { CheckFunction } from './check-model.ts';
import { toCheck } from './define-check.ts';
import { AssetError } from './diagnostics.ts';

/** Checks by names that differ, over columns and deps that are there. */
export function checkChecks({
  checks: given = [],
  output,
  deps = {},
}: {
  readonly checks: readonly (Check | CheckFunction<never>)[] | undefined;
  readonly output: Output;
  readonly deps: Deps | undefined;
}): readonly Check[] {
  const schema = output.type === 'table' ? output.schema : null;
  const checks = given.map(toCheck);
  const names = new Set<string>();
  const refuse = (name: string, problem: string) => {
    throw new AssetError('ASSET_OPTION_INVALID', `The check ${name} ${problem}.`);
  };
  for (const { name, rule } of checks) {
    if (names.has(name)) refuse(name, 'is there twice. Give one of them another name');
    names.add(name);
    const columns = 'columns' in rule ? rule.columns : 'column' in rule ? [rule.column ?? []].flat() : [];
    if (!schema && rule.kind !== 'function') refuse(name, 'is for tables, which this asset is not');
    const unknown = columns.find((column) => !Object.hasOwn(schema?.shape ?? {}, column));
    if (unknown !== undefined) refuse(name, `looks at "${unknown}", which is no column of the schema`);
    const isDep = (asset: AnyAsset) =>
      Object.values(deps).some((dep) => dep === asset || dep.mapped?.asset === asset);
    if (rule.kind === 'refers-to' && !isDep(rule.to)) {
      refuse(name, 'refers to an asset that is not among the deps');
    }
  }
  return checks;
}
