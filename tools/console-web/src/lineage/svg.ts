import { STATUS_LABELS, count } from '../ui/labels.ts';
import { CARD, type Layout, pathOf } from '../layout/index.ts';
import { edgeStyle, inGroup, markOfNode } from './edge-style.ts';
import { groupOfNode, type Model } from './model.ts';
import { CARDS, type Colours, EDGES } from './paint.ts';

const SPECIAL: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string =>
  // Control codes may stand in no XML at all.
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
    .replace(/[&<>"']/g, (one) => SPECIAL[one] ?? one);

const PAD = 24;

/** The picture as a file of its own: no style sheet, no font, nothing that it would load. */
export function svgOf(model: Model, layout: Layout, running: ReadonlySet<string>, colours: Colours): string {
  const [width, height] = [layout.width + 2 * PAD, layout.height + 2 * PAD];
  const groups = layout.groups.map(
    ({ name, x, y, width: w, height: h }) =>
      `<g><rect x="${x}" y="${y}" width="${w}" height="${h}" rx="14" fill="${colours.surface}" stroke="${colours.line}"/>` +
      `<text x="${x + 16}" y="${y + 26}" font-weight="600" font-size="14" fill="${colours.text}">${escape(name)}</text></g>`,
  );
  const edges = layout.edges.map(({ from, to, points }) => {
    const { colour, dash } = EDGES[edgeStyle(model, from, to, running)];
    const dashes = dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : '';
    return `<path d="${pathOf(points)}" fill="none" stroke="${colours[colour]}" stroke-width="1.4"${dashes}/>`;
  });
  const cards = [...layout.cards].map(([id, { x, y }]) => {
    const asset = model.assets.get(id);
    const group = groupOfNode(id);
    const mark = markOfNode(model, id, running);
    const word = mark === 'waiting' ? 'Waiting' : STATUS_LABELS[mark];
    const title = asset?.name ?? group ?? id;
    const note = asset
      ? [word, asset.kind, asset.status.rowCount === null ? '' : `${count(asset.status.rowCount)} rows`]
      : [word, `${inGroup(model, group ?? '').length} assets`];
    return (
      `<g><title>${escape(asset?.description ?? title)}</title>` +
      `<rect x="${x}" y="${y}" width="${CARD.width}" height="${CARD.height}" rx="9" fill="${colours.surface}" stroke="${colours['line-strong']}"${mark === 'missing' ? ' stroke-dasharray="4 3"' : ''}/>` +
      `<circle cx="${x + 19}" cy="${y + 22}" r="6" fill="${mark === 'missing' ? 'none' : colours[CARDS[mark]]}" stroke="${colours[CARDS[mark]]}"/>` +
      `<text x="${x + 34}" y="${y + 27}" font-family="ui-monospace, monospace" font-size="12.5" font-weight="600" fill="${colours.text}">${escape(cut(title, 22))}</text>` +
      `<text x="${x + 14}" y="${y + 49}" font-size="11.5" fill="${colours['text-faint']}">${escape(note.filter(Boolean).join(' · '))}</text></g>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-PAD} ${-PAD} ${width} ${height}" font-family="system-ui, sans-serif">` +
    `<rect x="${-PAD}" y="${-PAD}" width="${width}" height="${height}" fill="${colours.canvas}"/>` +
    `${groups.join('')}${edges.join('')}${cards.join('')}</svg>\n`
  );
}

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

export function save(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Longest side of a PNG: browsers draw no larger ones. */
const PIXELS = 12_000;

export function savePng(svg: string, width: number, height: number, name: string): void {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  const image = new Image();
  image.onload = () => {
    const scale = Math.min(2, PIXELS / Math.max(width, height));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [Math.ceil(width * scale), Math.ceil(height * scale)];
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(address);
    canvas.toBlob((blob) => blob && save(blob, name), 'image/png');
  };
  image.src = address;
}
