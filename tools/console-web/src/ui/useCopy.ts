import { useState } from 'react';

const SHOWN_MS = 1_500;

/** Puts a text on the clipboard, and says for a moment that it is there. */
export function useCopy(): { readonly isCopied: boolean; readonly copy: (text: string) => void } {
  const [isCopied, setCopied] = useState(false);
  const copy = (text: string) => {
    // There is none on plain HTTP from another machine, and a browser may refuse.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    clipboard?.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), SHOWN_MS);
      },
      () => undefined,
    );
  };
  return { isCopied, copy };
}
