/**
 * Draws docs/lineage.svg from the definitions: every asset in the container of its group, from source to
 * export, laid out as in the console.
 *
 *     npx node docs/lineage.ts
 */
import { globSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Box, CARD, layOut, pathOf } from '@nx-assets/console-web/layout';
import type { AssetManifest, GroupManifest } from '@nx-assets/core';
import { describe, loadGroups } from '@nx-assets/engine/description';
import { readGroups } from '../tools/workspace/src/groups.ts';

const root = resolve(import.meta.dirname, '..');
const MARGIN = 20;

/** The groups of this workspace, as its definitions say. */
export async function readLineage(): Promise<readonly GroupManifest[]> {
  const files = globSync('packages/*/package.json', { cwd: root }).sort();
  const sources = readGroups(root, files);
  const { groups } = describe(root, sources, await loadGroups(root, sources));
  return groups.map((group) => ({
    ...group,
    assets: group.assets.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  }));
}

/** Strokes of the badge of a kind, in a box of 12 by 12. */
const GLYPHS: Readonly<Record<string, string>> = {
  api: 'M6 1a5 5 0 1 0 0 10a5 5 0 1 0 0-10M1 6h10M6 1c-3.2 3.2-3.2 6.8 0 10c3.2-3.2 3.2-6.8 0-10',
  duckdb: 'M1.5 3c0-2 9-2 9 0s-9 2-9 0v6c0 2 9 2 9 0v-6M1.5 6c0 2 9 2 9 0',
  danfo: 'M1.5 1.5h9v9h-9zM1.5 4.5h9M5 4.5v6',
  csv: 'M2 1h5l3 3v7h-8zM4 6.5h4M4 8.8h4',
  json: 'M4.5 1.5c-2 0-1 4.5-2.5 4.5c1.5 0 .5 4.5 2.5 4.5M7.5 1.5c2 0 1 4.5 2.5 4.5c-1.5 0-.5 4.5-2.5 4.5',
  node: 'M6 .8l4.5 2.6v5.2l-4.5 2.6l-4.5-2.6v-5.2z',
};

const STYLE = `
  text { font-family: Geist, Inter, ui-sans-serif, system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; }
  .mono { font-family: 'Geist Mono', ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
  .page { fill: #f8f7f4; }
  .group { fill: #fcfbf9; stroke: #dfddd7; }
  .card { fill: #ffffff; stroke: #dfddd7; }
  .edge { fill: none; stroke: #a3a19a; stroke-width: 1.5; }
  .title { fill: #1b1b19; font-size: 14px; font-weight: 600; }
  .title, .title tspan { paint-order: stroke; stroke: #fcfbf9; stroke-width: 8px; stroke-linejoin: round; }
  .path { fill: #8a8880; font-size: 12px; font-weight: 400; }
  .name { fill: #1b1b19; font-size: 13px; font-weight: 600; }
  .value { fill: #8a8880; font-size: 11px; }
  .badge text { font-size: 11px; font-weight: 500; }
  .badge path { fill: none; stroke-width: 1.2; stroke-linejoin: round; }
  .badge rect { fill: #eeece6; } .badge text { fill: #55534b; } .badge path { stroke: #55534b; }
  .api rect { fill: #e0f0fa; } .api text { fill: #17577d; } .api path { stroke: #17577d; }
  .duckdb rect { fill: #f6efcf; } .duckdb text { fill: #665411; } .duckdb path { stroke: #665411; }
  .danfo rect { fill: #efe8fa; } .danfo text { fill: #5c3d94; } .danfo path { stroke: #5c3d94; }
  .csv rect { fill: #dff3e8; } .csv text { fill: #1b6142; } .csv path { stroke: #1b6142; }
  .node rect { fill: #e8efdc; } .node text { fill: #48601d; } .node path { stroke: #48601d; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0e0f11; }
    .group { fill: #131417; stroke: #292b30; }
    .card { fill: #1b1c20; stroke: #303238; }
    .edge { stroke: #5f6269; }
    .title, .title tspan { stroke: #131417; }
    .title, .name { fill: #ededef; }
    .path, .value { fill: #8b8e96; }
    .badge rect { fill: #2a2b2f; } .badge text { fill: #b4b6bc; } .badge path { stroke: #b4b6bc; }
    .api rect { fill: #14303f; } .api text { fill: #9cd0ef; } .api path { stroke: #9cd0ef; }
    .duckdb rect { fill: #352d12; } .duckdb text { fill: #e3cd84; } .duckdb path { stroke: #e3cd84; }
    .danfo rect { fill: #2d2242; } .danfo text { fill: #cdb5f2; } .danfo path { stroke: #cdb5f2; }
    .csv rect { fill: #12352a; } .csv text { fill: #93d9b8; } .csv path { stroke: #93d9b8; }
    .node rect { fill: #263018; } .node text { fill: #bcd48b; } .node path { stroke: #bcd48b; }
  }
`;

/** The picture as SVG. */
export async function lineage(): Promise<string> {
  const groups = (await readLineage()).filter(({ assets }) => assets.length > 0);
  const assets = new Map(groups.flatMap((group) => group.assets.map((asset) => [asset.key, asset])));
  const picture = layOut(
    groups.flatMap(({ name, assets: own }) => own.map(({ key }) => ({ id: key, group: name }))),
    [...assets.values()].flatMap((asset) => depsOf(asset).map((dep) => [dep, asset.key] as const)),
  );
  const [width, height] = [picture.width + 2 * MARGIN, picture.height + 2 * MARGIN];
  const roots = new Map(groups.map(({ name, root: folder }) => [name, folder]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">Lineage</title>`,
    `<desc id="description">${assets.size} assets in ${groups.length} groups: ${groups.map(inWords).join('; ')}.</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="14"/>`,
    `<g transform="translate(${MARGIN} ${MARGIN})">`,
    ...picture.groups.map(drawGroup),
    ...picture.edges.map(({ points }) => `<path class="edge" d="${pathOf(points)}"/>`),
    ...picture.groups.map((box) => drawTitle(box, roots.get(box.name) ?? '')),
    ...[...assets].map(([key, asset]) => drawCard(asset, picture.cards.get(key) ?? { x: 0, y: 0 })),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

const depsOf = ({ deps }: AssetManifest) => [...new Set(Object.values(deps))].sort();
const nameOf = ({ key }: AssetManifest): string => key.slice(key.indexOf('/') + 1);

const inWords = (group: GroupManifest): string => `${group.name} with ${group.assets.map(nameOf).join(', ')}`;

const drawGroup = ({ x, y, width, height }: Box): string =>
  `<rect class="group" x="${x + 0.5}" y="${y + 0.5}" width="${width - 1}" height="${height - 1}" rx="12"/>`;

/** Over the edges, which keep clear of its letters. */
const drawTitle = ({ x, y, name }: Box & { readonly name: string }, path: string): string =>
  `<text class="title" x="${x + 16}" y="${y + 28}">${name}` +
  `<tspan class="path mono" dx="10">${path}</tspan></text>`;

function drawCard(asset: AssetManifest, { x, y }: Pick<Box, 'x' | 'y'>): string {
  const glyph = GLYPHS[asset.kind];
  const width = (glyph ? 26 : 12) + Math.ceil(asset.kind.length * 6.7);
  return [
    `<g transform="translate(${x} ${y})"><title>${escape(asset.description)}</title>`,
    `<rect class="card" x=".5" y=".5" width="${CARD.width - 1}" height="${CARD.height - 1}" rx="8"/>`,
    `<text class="name mono" x="14" y="25">${nameOf(asset)}</text>`,
    `<g class="badge ${asset.kind}" transform="translate(13 35)"><rect width="${width}" height="19" rx="5"/>`,
    glyph ? `<path transform="translate(6 3.5)" d="${glyph}"/>` : '',
    `<text class="mono" x="${glyph ? 22 : 6}" y="13.3">${asset.kind}</text></g>`,
    `<text class="value mono" x="${CARD.width - 14}" y="48" text-anchor="end">${asset.output.type}</text></g>`,
  ].join('');
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

if (import.meta.main) writeFileSync(join(root, 'docs/lineage.svg'), await lineage());
