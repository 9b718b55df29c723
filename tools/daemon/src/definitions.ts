import type { AssetKey, AssetManifest, DefinitionKey, GroupManifest } from '@nx-assets/core';
import type { Condition, ScheduleSpec, SensorFacts, Target } from '@nx-assets/core/automation';

export interface NamedSchedule extends ScheduleSpec {
  readonly name: string;
  readonly description: string;
  readonly target: Target;
}

export interface NamedSensor extends Omit<SensorFacts, 'type'> {
  readonly name: string;
  readonly description: string;
}

export interface ConditionedAsset {
  readonly name: AssetKey;
  readonly condition: Condition;
}

/** Everything that runs by itself. Names are keys, and none is there twice. */
export interface Automations {
  readonly schedules: readonly NamedSchedule[];
  readonly sensors: readonly NamedSensor[];
  readonly conditions: readonly ConditionedAsset[];
}

/** What the groups of a workspace say of it. A job with a schedule is one, too. */
export function automationsOf(groups: readonly GroupManifest[]): Automations {
  const others = groups.flatMap(({ others }) => others);
  const jobs = new Map(
    others.flatMap((other) => (other.type === 'job' ? [[other.key, other] as const] : [])),
  );
  const known = (target: Target): Target =>
    target.job === null ? target : { ...target, assets: jobs.get(target.job)?.assets ?? null };
  return {
    schedules: others.flatMap((other): NamedSchedule[] => {
      const { key: name, description } = other;
      if (other.type === 'schedule') {
        const { cron, timeZone, catchUp, limit, target } = other;
        return [{ name, description, cron, timeZone, catchUp, limit, target: known(target) }];
      }
      if (other.type !== 'job' || other.schedule === null) return [];
      return [{ name, description, ...other.schedule, target: known(jobTarget(other.key)) }];
    }),
    sensors: others.flatMap((other): NamedSensor[] => {
      if (other.type !== 'sensor') return [];
      const { key: name, description, watch, every, timeout, target } = other;
      return [{ name, description, watch, every, timeout, target: known(target) }];
    }),
    conditions: groups.flatMap(({ assets }) => assets.flatMap(conditionOf)),
  };
}

const jobTarget = (job: DefinitionKey): Target => ({
  job,
  select: '',
  assets: null,
  partition: null,
  config: {},
});

const conditionOf = ({ key, automation }: AssetManifest): ConditionedAsset[] =>
  automation ? [{ name: key, condition: automation }] : [];
