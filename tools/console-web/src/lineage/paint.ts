import type { Mark } from '../ui/StatusMark.tsx';
import type { Camera } from './camera.ts';
import { CARD, type Layout, type Point } from '../layout/index.ts';
import { edgeStyle, type EdgeStyle, markOfNode } from './edge-style.ts';
import type { Model } from './model.ts';

/** Below this, cards are boxes of one colour and the names of groups are all the text there is. */
export const FAR = 0.35;

/** Paths in the coordinates of the picture, made once: a frame strokes them under another camera. */
export interface Drawing {
  readonly edges: ReadonlyMap<string, Path2D>;
  readonly cards: ReadonlyMap<string, Path2D>;
  readonly outlines: ReadonlyMap<string, Path2D>;
  /** On what failed. */
  readonly crosses: Path2D;
  readonly groups: Path2D;
}

const HALF = new Set<Mark>(['stale', 'due']);

function cross(path: Path2D, x: number, y: number): void {
  const [middle, half] = [x + CARD.width / 2, CARD.height / 4];
  path.moveTo(middle - half, y + half);
  path.lineTo(middle + half, y + CARD.height - half);
  path.moveTo(middle + half, y + half);
  path.lineTo(middle - half, y + CARD.height - half);
}

const DIM = 'dim ';

function trace(path: Path2D, points: readonly Point[]): void {
  const [first, ...rest] = points;
  if (!first) return;
  path.moveTo(first[0], first[1]);
  let [x, y] = first;
  for (const [nextX, nextY] of rest) {
    if (nextY === y) path.lineTo(nextX, nextY);
    else {
      const half = (nextX - x) / 2;
      path.bezierCurveTo(x + half, y, nextX - half, nextY, nextX, nextY);
    }
    [x, y] = [nextX, nextY];
  }
}

export function drawingOf(
  model: Model,
  layout: Layout,
  running: ReadonlySet<string>,
  isDim: (id: string) => boolean,
): Drawing {
  const pathIn = (paths: Map<string, Path2D>, name: string): Path2D => {
    const path = paths.get(name) ?? new Path2D();
    paths.set(name, path);
    return path;
  };
  const edges = new Map<string, Path2D>();
  for (const { from, to, points } of layout.edges) {
    const look = edgeStyle(model, from, to, running);
    trace(pathIn(edges, isDim(from) || isDim(to) ? `${DIM}${look}` : look), points);
  }
  const [cards, outlines, crosses] = [new Map<string, Path2D>(), new Map<string, Path2D>(), new Path2D()];
  for (const [id, { x, y }] of layout.cards) {
    const mark = markOfNode(model, id, running);
    const name = isDim(id) ? `${DIM}${mark}` : mark;
    // Half of what is stale, and nothing of what is missing: the shape says what the colour does.
    if (HALF.has(mark)) pathIn(cards, name).rect(x, y, CARD.width / 2, CARD.height);
    else if (mark !== 'missing') pathIn(cards, name).roundRect(x, y, CARD.width, CARD.height, 9);
    pathIn(outlines, name).roundRect(x, y, CARD.width, CARD.height, 9);
    if (mark === 'failed' || mark === 'overdue') cross(crosses, x, y);
  }
  const groups = new Path2D();
  for (const { x, y, width, height } of layout.groups) groups.roundRect(x, y, width, height, 14);
  return { edges, cards, outlines, crosses, groups };
}

const TOKENS = [
  'canvas',
  'surface',
  'line',
  'line-strong',
  'text',
  'text-faint',
  'fresh',
  'stale',
  'failed',
  'running',
  'missing',
] as const;
export type Colours = Readonly<Record<(typeof TOKENS)[number], string>>;

/** The colours of the theme, as style sheets have them. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    TOKENS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as Colours;
}

export const EDGES: Readonly<
  Record<EdgeStyle, { readonly colour: keyof Colours; readonly dash: readonly number[] }>
> = {
  plain: { colour: 'line-strong', dash: [] },
  gate: { colour: 'text-faint', dash: [1.5, 5] },
  stale: { colour: 'stale', dash: [5, 4] },
  failed: { colour: 'failed', dash: [5, 4] },
  running: { colour: 'running', dash: [7, 4] },
};

export const CARDS: Readonly<Record<Mark, keyof Colours>> = {
  fresh: 'fresh',
  stale: 'stale',
  due: 'stale',
  overdue: 'failed',
  failed: 'failed',
  missing: 'missing',
  running: 'running',
  waiting: 'missing',
};

/** One frame: edges always; groups and cards only from afar, as near to they are elements of the page. */
export function paint(
  context: CanvasRenderingContext2D,
  drawing: Drawing,
  layout: Layout,
  camera: Camera,
  colours: Colours,
): void {
  const { canvas } = context;
  const ratio = window.devicePixelRatio || 1;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(camera.k * ratio, 0, 0, camera.k * ratio, camera.x * ratio, camera.y * ratio);
  const isFar = camera.k < FAR;
  const thin = Math.max(1.4, 1 / camera.k);
  // Below the edges: an element of the page would lie above them.
  context.globalAlpha = isFar ? 1 : 0.55;
  context.fillStyle = colours.surface;
  context.fill(drawing.groups);
  context.globalAlpha = 1;
  if (isFar) {
    context.strokeStyle = colours.line;
    context.lineWidth = thin;
    context.stroke(drawing.groups);
  }
  for (const [name, path] of drawing.edges) {
    const isDim = name.startsWith(DIM);
    const { colour, dash } = EDGES[(isDim ? name.slice(DIM.length) : name) as EdgeStyle];
    context.globalAlpha = isDim ? 0.25 : 1;
    context.strokeStyle = colours[colour];
    context.lineWidth = thin;
    // Dashes cost much, and from afar nobody sees them.
    context.setLineDash(isFar ? [] : [...dash]);
    context.stroke(path);
  }
  context.setLineDash([]);
  if (isFar) {
    for (const [name, path] of drawing.cards) {
      const isDim = name.startsWith(DIM);
      context.globalAlpha = isDim ? 0.2 : 0.85;
      context.fillStyle = colours[CARDS[(isDim ? name.slice(DIM.length) : name) as Mark]];
      context.fill(path);
    }
    for (const [name, path] of drawing.outlines) {
      const isDim = name.startsWith(DIM);
      context.globalAlpha = isDim ? 0.2 : 0.85;
      context.strokeStyle = colours[CARDS[(isDim ? name.slice(DIM.length) : name) as Mark]];
      context.stroke(path);
    }
    context.globalAlpha = 1;
    context.strokeStyle = colours.surface;
    context.lineWidth = 8;
    context.stroke(drawing.crosses);
    context.fillStyle = colours.text;
    context.font = `600 ${12 / camera.k}px ${FONT}`;
    for (const { name, x, y, width } of layout.groups) {
      if (width * camera.k > 40) context.fillText(name, x + 4 / camera.k, y - 5 / camera.k, width);
    }
  }
  context.globalAlpha = 1;
}

const FONT = "'Geist Variable', system-ui, sans-serif";
