import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';

const MOST = 64;
const within = (zoom: number) => Math.min(MOST, Math.max(1, zoom));

export interface Zoom {
  readonly zoom: number;
  readonly isMost: boolean;
  readonly closer: () => void;
  readonly farther: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** How long a second is: by buttons, by `+`, `-` and `0`, and by the wheel with Ctrl. What is looked at stays in place. */
export function useZoom(box: RefObject<HTMLDivElement | null>): Zoom {
  const [zoom, setZoom] = useState(1);
  /** Where in the box, and which share of all was there. */
  const kept = useRef<{ readonly at: number; readonly share: number } | null>(null);
  const change = (by: number, at = (box.current?.clientWidth ?? 0) / 2) => {
    const element = box.current;
    if (element) kept.current = { at, share: (element.scrollLeft + at) / element.scrollWidth };
    setZoom((was) => within(was * by));
  };
  useLayoutEffect(() => {
    if (!box.current || !kept.current) return;
    const { at, share } = kept.current;
    box.current.scrollTo({ left: share * box.current.scrollWidth - at, behavior: 'instant' });
  }, [box, zoom]);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const at = event.clientX - element.getBoundingClientRect().left;
      kept.current = { at, share: (element.scrollLeft + at) / element.scrollWidth };
      setZoom((was) => within(was * (event.deltaY < 0 ? 1.25 : 0.8)));
    };
    // React's own is passive, and could not keep the page from growing instead.
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [box]);
  return {
    zoom,
    isMost: zoom >= MOST,
    closer: () => change(2),
    farther: () => change(0.5),
    onKeyDown: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '+' || event.key === '=') change(2);
      else if (event.key === '-') change(0.5);
      else if (event.key === '0') setZoom(1);
    },
  };
}
