import { plainText } from '@nx-assets/workspace/terminal-text';

/** Calls that have not ended yet. */
let open = 0;
let restore: () => void = () => undefined;

/**
 * While steps run, what their code writes by itself (`console.log`) is text that a terminal only shows, like all other
 * text. Gives what ends it. What we say ourselves goes past it: a context is made before.
 */
export function showDirectWrites(): () => void {
  if (open++ === 0) {
    const undo = [process.stdout, process.stderr].map(showWrites);
    restore = () => undo.forEach((one) => one());
  }
  return () => {
    if (--open === 0) restore();
  };
}

type Written = (error?: Error | null) => void;

function showWrites(stream: NodeJS.WriteStream): () => void {
  const write = stream.write;
  const shown = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | Written,
    done?: Written,
  ): boolean => {
    const isText = typeof chunk === 'string';
    const text = plainText(isText ? chunk : Buffer.from(chunk).toString());
    return typeof encoding === 'function'
      ? write.call(stream, text, undefined, encoding)
      : write.call(stream, text, isText ? encoding : undefined, done);
  };
  stream.write = shown;
  return () => {
    // Somebody else may have put theirs in its place.
    if (stream.write === shown) stream.write = write;
  };
}
