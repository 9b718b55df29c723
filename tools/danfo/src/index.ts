export { frame, type Frame, rowsOf } from './frame.ts';
