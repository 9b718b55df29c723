import { useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useNarrow } from './useNarrow.ts';

const SETTLE_MS = 150;

/** A text that somebody types, and that the address says once they pause: no letter waits for the address. */
export function useTyped(name: 'filter' | 'find' | 'range') {
  const { [name]: said = '' } = useSearch({ strict: false });
  const narrow = useNarrow();
  const [text, setText] = useState(said);
  const [known, setKnown] = useState(said);
  // Back and forward change the address, and the field follows.
  if (known !== said) {
    setKnown(said);
    if (text.trim() !== said) setText(said);
  }
  useEffect(() => {
    if (text.trim() === said) return undefined;
    const timer = setTimeout(() => narrow({ [name]: text.trim() }), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [name, text, said, narrow]);
  return { text, said, setText };
}
