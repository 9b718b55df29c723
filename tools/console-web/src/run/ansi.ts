/** A piece of a line, and how a terminal would show it. */
export interface Piece {
  readonly text: string;
  readonly colour: Colour | null;
  readonly bold: boolean;
  readonly dim: boolean;
}

type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'grey';

const COLOURS: Readonly<Record<number, Colour | null>> = {
  30: 'grey',
  31: 'red',
  32: 'green',
  33: 'yellow',
  34: 'blue',
  35: 'magenta',
  36: 'cyan',
  37: null,
  39: null,
  90: 'grey',
  91: 'red',
  92: 'green',
  93: 'yellow',
  94: 'blue',
  95: 'magenta',
  96: 'cyan',
  97: null,
};

// CSI sequences; OSC up to its end, or a bound: what a line leaves open must not eat the rest. Then lone control codes.
const CONTROL =
  /\u001b\[([0-9;:?<=>]*)[ -/]*([@-~])|\u001b\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)|\u001b[@-_]?|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Pieces of a line that had codes for a terminal. Only colour and weight come through; all else is left out. */
export function ansiPieces(line: string): Piece[] {
  const pieces: Piece[] = [];
  let style: Omit<Piece, 'text'> = { colour: null, bold: false, dim: false };
  let from = 0;
  const put = (text: string) => {
    if (text !== '') pieces.push({ text, ...style });
  };
  for (const match of line.matchAll(CONTROL)) {
    put(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') style = after(style, match[1] ?? '');
  }
  put(line.slice(from));
  return pieces;
}

function after(style: Omit<Piece, 'text'>, codes: string): Omit<Piece, 'text'> {
  let { colour, bold, dim } = style;
  const numbers = codes.split(/[;:]/).map(Number);
  for (let place = 0; place < numbers.length; place++) {
    const code = numbers[place] ?? 0;
    if (code === 0) [colour, bold, dim] = [null, false, false];
    else if (code === 1) bold = true;
    else if (code === 2) dim = true;
    else if (code === 22) [bold, dim] = [false, false];
    // A colour out of 256 or of three bytes: the numbers after it are not codes.
    else if (code === 38 || code === 48) place += numbers[place + 1] === 5 ? 2 : 4;
    else if (code in COLOURS) colour = COLOURS[code] ?? null;
  }
  return { colour, bold, dim };
}

/** The same without any codes. */
export const plainText = (line: string): string => line.replace(CONTROL, '');
