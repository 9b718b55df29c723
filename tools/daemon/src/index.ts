export { CONDITIONS } from './decide-conditions.ts';
export type { Sensed } from './decide.ts';
export {
  type Automations,
  automationsOf,
  type ConditionedAsset,
  type NamedSchedule,
  type NamedSensor,
} from './definitions.ts';
export { Daemon, type DaemonEvent, type DaemonOptions, type Ports, type Turn } from './daemon.ts';
export type { Evaluation } from './evaluate.ts';
export { look } from './sense/index.ts';
export type { SenseScope } from './sense/scope.ts';
export type { Made, View } from './view.ts';
export { timeText } from './words.ts';
