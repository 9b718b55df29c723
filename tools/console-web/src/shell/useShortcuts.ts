import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { PAGES } from './pages.ts';

const FOLLOWS_MS = 1_200;

/** Keys that work on every page: ⌘K, `?`, and `g` with the letter of a page. Not while somebody types. */
export function useShortcuts(openPalette: () => void, openHelp: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let pressedG = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
        return;
      }
      const at = event.target as HTMLElement;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || event.metaKey || event.ctrlKey || event.altKey)
        return;
      if (event.key === '?') openHelp();
      const follows = event.timeStamp - pressedG < FOLLOWS_MS;
      const page = follows ? PAGES.find(({ letter }) => letter === event.key) : undefined;
      if (page) {
        pressedG = 0;
        event.preventDefault();
        void navigate({ to: page.to });
      } else if (event.key === 'g') pressedG = event.timeStamp;
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate, openPalette, openHelp]);
}
