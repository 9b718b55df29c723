export { compose, type Functions, type Node } from './compose.ts';
export { fanOut, type FanOut, type FanOutOptions, type ItemContext } from './fan-out.ts';
