export { layOut } from './layout.ts';
export { pathOf } from './path.ts';
export type { Box, Layout, Point } from './picture.ts';
export type { Edge, Node } from './scene.ts';
export { CARD } from './spacing.ts';
