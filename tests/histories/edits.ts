// What people do to a workspace between two runs.
import fc from 'fast-check';
import { type AssetSpec, type Link, SHAPES, type Unit, UNIT_KINDS, type World } from './world.ts';

const few = fc.nat({ max: 9 });
const link: fc.Arbitrary<Link> = fc.record({ to: few, way: fc.nat({ max: 60 }), version: few });
const seldom = fc.integer({ min: 0, max: 149 }).map((number) => number === 149);

const unit: fc.Arbitrary<Unit> = fc.record({
  kind: fc.constantFrom(...UNIT_KINDS, 'ts' as const, 'ts' as const, 'ts' as const, 'ts' as const),
  version: few,
  comment: few,
  name: fc.constant(0),
  isMoved: fc.boolean(),
  links: fc.array(link, { maxLength: 3 }),
  settings: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.record({ to: few, rate: few }), { minLength: 1, maxLength: 2 }) },
  ),
});

const assetSpec: fc.Arbitrary<AssetSpec> = fc.record({
  shape: fc.constantFrom(...SHAPES),
  isPartitioned: fc.boolean(),
  isIsolated: seldom,
  isCoarse: fc.boolean(),
  hasPolicy: fc.boolean(),
  hasPrevious: fc.boolean(),
  opens: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: few },
    { weight: 1, arbitrary: fc.constant('all' as const) },
  ),
  isTogether: fc.nat({ max: 3 }).map((number) => number === 3),
  deps: fc.array(fc.record({ to: few, reads: fc.nat({ max: 60 }) }), { maxLength: 2 }),
  links: fc.array(link, { maxLength: 3 }),
  version: few,
  comment: few,
  name: fc.constant(0),
  unit: few,
  nullable: fc.boolean(),
  path: fc.constant(0),
});

const world: fc.Arbitrary<World> = fc.record({
  units: fc.array(unit, { minLength: 1, maxLength: 6, size: 'max' }),
  assets: fc.array(assetSpec, { minLength: 1, maxLength: 4, size: 'max' }),
  data: fc.array(few, { maxLength: 3 }),
  isDaily: fc.boolean(),
  partitions: few,
});

const CODE_EDITS = ['version', 'comment', 'name', 'link', 'unlink'] as const;
const UNIT_EDITS = [...CODE_EDITS, 'move', 'setting'] as const;
const ASSET_EDITS = [
  ...CODE_EDITS,
  'unit',
  'nullable',
  'path',
  'dep',
  'coarse',
  'together',
  'isolated',
  'policy',
  'previous',
  'opens',
] as const;
/** What is done to files in `output/`. */
const DAMAGES = ['remove', 'flip', 'append', 'remove the record', 'remove the folder'] as const;

export type Edit =
  | {
      readonly kind: 'unit';
      readonly what: (typeof UNIT_EDITS)[number];
      readonly at: number;
      readonly link: Link;
    }
  | {
      readonly kind: 'asset';
      readonly what: (typeof ASSET_EDITS)[number];
      readonly at: number;
      readonly link: Link;
    }
  | { readonly kind: 'add'; readonly asset: AssetSpec }
  | { readonly kind: 'drop' }
  | { readonly kind: 'partitions'; readonly to: number }
  | { readonly kind: 'data'; readonly what: 'edit' | 'add' | 'remove'; readonly at: number }
  | { readonly kind: 'revert'; readonly to: number }
  | Damage;
export interface Damage {
  readonly kind: 'damage';
  readonly what: (typeof DAMAGES)[number];
  readonly at: number;
}

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('unit' as const),
      what: fc.constantFrom(...UNIT_EDITS),
      at: few,
      link,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('asset' as const),
      what: fc.constantFrom(...ASSET_EDITS),
      at: few,
      link,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('add' as const), asset: assetSpec }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'drop' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('partitions' as const), to: few }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('data' as const),
      what: fc.constantFrom('edit' as const, 'edit' as const, 'add' as const, 'remove' as const),
      at: few,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('revert' as const), to: few }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('damage' as const),
      what: fc.constantFrom(...DAMAGES),
      at: few,
    }),
  },
);

/** How often a history runs after the first time. */
export const STEPS = 5;

/** A world, and what is done to it before each run. */
export interface History {
  readonly world: World;
  readonly steps: readonly (readonly Edit[])[];
}

export const history: fc.Arbitrary<History> = fc.record({
  world,
  steps: fc.array(fc.array(edit, { maxLength: 3, size: 'max' }), { minLength: STEPS, maxLength: STEPS }),
});

/** How a step runs, for all worlds of a workspace. */
export type Mode = 'plain' | 'forced' | 'refresh' | 'twice' | 'killed' | 'during' | 'part' | 'alone';

const mode = fc.oneof(
  { weight: 6, arbitrary: fc.constant('plain' as const) },
  { weight: 1, arbitrary: fc.constant('forced' as const) },
  { weight: 1, arbitrary: fc.constant('refresh' as const) },
  { weight: 2, arbitrary: fc.constant('twice' as const) },
  { weight: 2, arbitrary: fc.constant('killed' as const) },
  { weight: 3, arbitrary: fc.constant('during' as const) },
  { weight: 2, arbitrary: fc.constant('part' as const) },
  { weight: 1, arbitrary: fc.constant('alone' as const) },
);

/** How its steps run, and after which share of the time of a run something happens to it. */
export interface Schedule {
  readonly modes: readonly { readonly mode: Mode; readonly after: number }[];
}

export const schedule: fc.Arbitrary<Schedule> = fc.record({
  modes: fc.array(fc.record({ mode, after: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    minLength: STEPS,
    maxLength: STEPS,
  }),
});

/** The world after an edit; `before` holds what it was after each step until now. */
export function apply(world: World, edit: Edit, before: readonly World[]): World {
  switch (edit.kind) {
    case 'unit': {
      const at = edit.at % world.units.length;
      return {
        ...world,
        units: world.units.with(at, editedUnit(world.units[at] as Unit, edit.what, edit.link)),
      };
    }
    case 'asset': {
      const at = edit.at % world.assets.length;
      const spec = editedAsset(world.assets[at] as AssetSpec, edit.what, edit.link);
      return { ...world, assets: world.assets.with(at, spec) };
    }
    case 'add':
      return { ...world, assets: [...world.assets, edit.asset] };
    case 'drop':
      return world.assets.length === 1 ? world : { ...world, assets: world.assets.slice(0, -1) };
    case 'partitions':
      return { ...world, partitions: edit.to };
    case 'data':
      return { ...world, data: editedData(world.data, edit.what, edit.at) };
    case 'revert':
      return before[edit.to % before.length] as World;
    case 'damage':
      return world;
  }
}

function editedData(data: readonly number[], what: 'edit' | 'add' | 'remove', at: number): readonly number[] {
  const index = at % Math.max(1, data.length);
  switch (what) {
    case 'edit':
      return data.map((held, i) => (i === index ? held + 1 : held));
    case 'add':
      return [...data, at];
    case 'remove':
      return data.slice(0, -1);
  }
}

/** What code is edited in, be it a unit's or an asset's. */
type Edited = Pick<Unit & AssetSpec, 'version' | 'comment' | 'name' | 'links'>;

function editedCode<T extends Edited>(it: T, what: (typeof CODE_EDITS)[number], link: Link): T {
  switch (what) {
    case 'version':
    case 'comment':
    case 'name':
      return { ...it, [what]: it[what] + 1 };
    case 'link':
      return { ...it, links: [...it.links.slice(-2), link] };
    case 'unlink':
      return { ...it, links: it.links.slice(1) };
  }
}

function editedUnit(unit: Unit, what: (typeof UNIT_EDITS)[number], link: Link): Unit {
  switch (what) {
    case 'move':
      return { ...unit, isMoved: !unit.isMoved };
    case 'setting':
      return { ...unit, settings: [{ to: link.to, rate: link.version }] };
    default:
      return editedCode(unit, what, link);
  }
}

function editedAsset(spec: AssetSpec, what: (typeof ASSET_EDITS)[number], link: Link): AssetSpec {
  switch (what) {
    case 'unit':
      return { ...spec, unit: spec.unit + 1 };
    case 'nullable':
      return { ...spec, nullable: !spec.nullable };
    case 'path':
      return { ...spec, path: spec.path + 1 };
    case 'dep':
      return { ...spec, deps: [...spec.deps.slice(-1), { to: link.to, reads: link.way }] };
    case 'coarse':
      return { ...spec, isCoarse: !spec.isCoarse };
    case 'together':
      return { ...spec, isTogether: !spec.isTogether };
    case 'isolated':
      return { ...spec, isIsolated: !spec.isIsolated };
    case 'policy':
      return { ...spec, hasPolicy: !spec.hasPolicy };
    case 'previous':
      return { ...spec, hasPrevious: !spec.hasPrevious };
    case 'opens':
      return { ...spec, opens: spec.opens === 'all' ? null : spec.opens === null ? link.to : 'all' };
    default:
      return editedCode(spec, what, link);
  }
}
