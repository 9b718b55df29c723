import type { Box } from '../layout/index.ts';

/** Where one looks: a point of the picture is at `k * point + offset` on the screen. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

const LEAST = 0.04;
const MOST = 2;
const MARGIN = 28;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** Larger or smaller by a factor, around a point of the screen. */
export function zoomed({ x, y, k }: Camera, factor: number, atX: number, atY: number): Camera {
  const next = clamp(k * factor, LEAST, MOST);
  return { k: next, x: atX - ((atX - x) / k) * next, y: atY - ((atY - y) / k) * next };
}

/** All of a box, in the middle, and no larger than it is. */
export function fitted(box: Box, width: number, height: number): Camera {
  const k = clamp(
    Math.min(
      (width - 2 * MARGIN) / Math.max(1, box.width),
      (height - 2 * MARGIN) / Math.max(1, box.height),
      1,
    ),
    LEAST,
    MOST,
  );
  return { k, x: (width - box.width * k) / 2 - box.x * k, y: (height - box.height * k) / 2 - box.y * k };
}

/** Moved as little as needed to have a box in sight, and large enough to read. */
export function revealing(camera: Camera, box: Box, width: number, height: number): Camera {
  const from =
    camera.k < 0.5
      ? zoomed(
          camera,
          0.8 / camera.k,
          camera.x + (box.x + box.width / 2) * camera.k,
          camera.y + (box.y + box.height / 2) * camera.k,
        )
      : camera;
  const [left, top] = [box.x * from.k + from.x, box.y * from.k + from.y];
  const [right, bottom] = [left + box.width * from.k, top + box.height * from.k];
  const shift = (low: number, high: number, size: number) =>
    low < MARGIN ? MARGIN - low : high > size - MARGIN ? size - MARGIN - high : 0;
  return { ...from, x: from.x + shift(left, right, width), y: from.y + shift(top, bottom, height) };
}

type Places = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

/** Another picture, seen so that what was in both nearest to the middle stays where it is. */
export function steadied(camera: Camera, was: Places, now: Places, width: number, height: number): Camera {
  const { x, y, k } = camera;
  const [middleX, middleY] = [(width / 2 - x) / k, (height / 2 - y) / k];
  let [nearest, shift]: [number, readonly [number, number]] = [Infinity, [0, 0]];
  for (const [id, before] of was) {
    const after = now.get(id);
    const distance = Math.hypot(before.x - middleX, before.y - middleY);
    if (!after || distance >= nearest) continue;
    [nearest, shift] = [distance, [before.x - after.x, before.y - after.y]];
  }
  return { k, x: x + shift[0] * k, y: y + shift[1] * k };
}

/** What of the picture is in sight, with as much around it again, so that a short way needs no new cards. */
export function windowOf({ x, y, k }: Camera, width: number, height: number): Box {
  const [w, h] = [width / k, height / k];
  return { x: -x / k - w / 2, y: -y / k - h / 2, width: 2 * w, height: 2 * h };
}

export const holds = (outer: Box, inner: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

export const meets = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
