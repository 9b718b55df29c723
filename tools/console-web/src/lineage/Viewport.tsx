import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { type Camera, fitted, holds, revealing, steadied, windowOf, zoomed } from './camera.ts';
import type { Box, Layout } from '../layout/index.ts';
import { coloursOf, type Drawing, FAR, paint } from './paint.ts';
import styles from './Viewport.module.css';

export interface ViewportHandle {
  zoom(factor: number): void;
  fit(): void;
  reveal(box: Box): void;
}

interface ViewportProps {
  readonly layout: Layout;
  readonly drawing: Drawing;
  /** Elements for what is in sight; `null` from afar. */
  readonly children: (sight: Box | null) => ReactNode;
  readonly onReady: (handle: ViewportHandle) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onBackground: () => void;
  /** Changes when something else is asked for, which has to be seen whole at first. */
  readonly pictureId: string;
}

/** Looks at a large picture through a window that moves. Moving draws; React hears of it only when other cards come into sight. */
export function Viewport({
  layout,
  drawing,
  children,
  onReady,
  onKeyDown,
  onBackground,
  pictureId,
}: ViewportProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const world = useRef<HTMLDivElement>(null);
  const camera = useRef<Camera>({ x: 0, y: 0, k: 1 });
  const frame = useRef(0);
  const shown = useRef({ layout, drawing });
  const [sight, setSight] = useState<Box | null>(null);
  /** All of it is in sight, and nobody has looked closer yet: then that stays so. */
  const isWhole = useRef(true);
  const known = useRef<{ sight: Box | null; k: number }>({ sight: null, k: 0 });

  const draw = useCallback(() => {
    frame.current = 0;
    const [area, surface, elements] = [box.current, canvas.current, world.current];
    const context = surface?.getContext('2d');
    if (!area || !surface || !context || !elements) return;
    const { x, y, k } = camera.current;
    const { clientWidth: width, clientHeight: height } = area;
    paint(context, shown.current.drawing, shown.current.layout, camera.current, coloursOf(area));
    elements.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
    const now = { x: -x / k, y: -y / k, width: width / k, height: height / k };
    const isFar = k < FAR;
    if (
      isFar
        ? known.current.sight === null && known.current.k > 0
        : known.current.sight &&
          holds(known.current.sight, now) &&
          k > known.current.k / 2 &&
          k < known.current.k * 2
    )
      return;
    known.current = { sight: isFar ? null : windowOf(camera.current, width, height), k };
    setSight(known.current.sight);
  }, []);
  const move = useCallback(
    (next: Camera) => {
      camera.current = next;
      isWhole.current = false;
      frame.current ||= requestAnimationFrame(draw);
    },
    [draw],
  );
  const fit = useCallback(() => {
    const area = box.current;
    if (!area) return;
    const { layout: now } = shown.current;
    move(fitted({ x: 0, y: 0, width: now.width, height: now.height }, area.clientWidth, area.clientHeight));
    isWhole.current = true;
  }, [move]);

  useLayoutEffect(() => {
    const { layout: before } = shown.current;
    shown.current = { layout, drawing };
    frame.current ||= requestAnimationFrame(draw);
    const area = box.current;
    if (before === layout || !area) return;
    if (isWhole.current) fit();
    else move(steadied(camera.current, before.cards, layout.cards, area.clientWidth, area.clientHeight));
  }, [layout, drawing, draw, fit, move]);
  useLayoutEffect(fit, [fit, pictureId]);

  useEffect(() => {
    onReady({
      fit,
      zoom: (factor) => {
        const area = box.current;
        if (area) move(zoomed(camera.current, factor, area.clientWidth / 2, area.clientHeight / 2));
      },
      reveal: (target) => {
        const area = box.current;
        if (area) move(revealing(camera.current, target, area.clientWidth, area.clientHeight));
      },
    });
  }, [onReady, fit, move]);

  useEffect(() => {
    const [area, surface] = [box.current, canvas.current];
    if (!area || !surface) return undefined;
    let [lastWidth, lastHeight] = [0, 0];
    const size = new ResizeObserver(() => {
      const ratio = window.devicePixelRatio || 1;
      [surface.width, surface.height] = [area.clientWidth * ratio, area.clientHeight * ratio];
      // A panel that opens takes room: what was in the middle stays there.
      const { x, y, k } = camera.current;
      const [dx, dy] =
        lastWidth === 0 ? [0, 0] : [area.clientWidth - lastWidth, area.clientHeight - lastHeight];
      const isFirst = lastWidth === 0;
      [lastWidth, lastHeight] = [area.clientWidth, area.clientHeight];
      known.current = { sight: null, k: 0 };
      if (isFirst || isWhole.current) fit();
      else move({ k, x: x + dx / 2, y: y + dy / 2 });
    });
    size.observe(area);
    const theme = new MutationObserver(() => void (frame.current ||= requestAnimationFrame(draw)));
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    // React listens to wheels passively, and the page must not scroll.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = area.getBoundingClientRect();
      const { x, y, k } = camera.current;
      if (
        event.ctrlKey ||
        event.metaKey ||
        (event.deltaX === 0 && Math.abs(event.deltaY) >= 100 && event.deltaMode === 0)
      )
        move(
          zoomed(
            camera.current,
            Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)),
            event.clientX - left,
            event.clientY - top,
          ),
        );
      else move({ k, x: x - event.deltaX, y: y - event.deltaY });
    };
    area.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      size.disconnect();
      theme.disconnect();
      area.removeEventListener('wheel', onWheel);
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [fit, move, draw]);

  const pointers = usePointers(box, camera, move, onBackground);
  return (
    <div
      ref={box}
      className={styles.viewport}
      role="group"
      aria-label="Lineage. Arrow keys move between assets, Enter opens one."
      tabIndex={0}
      onKeyDown={onKeyDown}
      {...pointers}
    >
      <canvas ref={canvas} aria-hidden />
      <div ref={world} className={styles.world}>
        {children(sight)}
      </div>
    </div>
  );
}

/** One finger or the mouse drags, two fingers pinch. A press that went nowhere is a click. */
function usePointers(
  box: { readonly current: HTMLDivElement | null },
  camera: { readonly current: Camera },
  move: (camera: Camera) => void,
  onBackground: () => void,
) {
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const moved = useRef(0);
  return {
    onPointerDown: (event: React.PointerEvent) => {
      if (event.button !== 0) return;
      if (fingers.current.size === 0) moved.current = 0;
      fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    },
    onPointerMove: (event: React.PointerEvent) => {
      const was = fingers.current.get(event.pointerId);
      if (!was) return;
      // It was let go outside, before it had moved enough to be held.
      if (event.buttons === 0) return void fingers.current.delete(event.pointerId);
      const now = { x: event.clientX, y: event.clientY };
      const [dx, dy] = [now.x - was.x, now.y - was.y];
      moved.current += Math.abs(dx) + Math.abs(dy);
      if (moved.current < 4) return;
      const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
      fingers.current.set(event.pointerId, now);
      box.current?.setPointerCapture(event.pointerId);
      const { x, y, k } = camera.current;
      if (!other || !box.current) {
        move({ k, x: x + dx, y: y + dy });
        return;
      }
      const far = (a: typeof now) => Math.max(1, Math.hypot(a.x - other.x, a.y - other.y));
      const { left, top } = box.current.getBoundingClientRect();
      move(
        zoomed(
          { k, x: x + dx / 2, y: y + dy / 2 },
          far(now) / far(was),
          (now.x + other.x) / 2 - left,
          (now.y + other.y) / 2 - top,
        ),
      );
    },
    onPointerUp: (event: React.PointerEvent) => void fingers.current.delete(event.pointerId),
    onPointerCancel: (event: React.PointerEvent) => void fingers.current.delete(event.pointerId),
    onClickCapture: (event: React.MouseEvent) => {
      if (moved.current < 4) return;
      event.stopPropagation();
      event.preventDefault();
    },
    onClick: (event: React.MouseEvent) => {
      if (event.target === box.current || (event.target as HTMLElement).parentElement === box.current)
        onBackground();
    },
  };
}
