import { type Condition, eager, onMissing } from '@nx-assets/core/automation';

const NAMED = new Map([
  [JSON.stringify(eager()), 'eager'],
  [JSON.stringify(onMissing()), 'on missing'],
]);

/** A condition in words; those that have a name, by their name. */
export function describeCondition(condition: Condition): string {
  const name = NAMED.get(JSON.stringify(condition));
  if (name !== undefined) return name;
  switch (condition.kind) {
    case 'cron':
      return `it is ${condition.cron} ${condition.timeZone}`;
    case 'not':
      return `not ${describeCondition(condition.of)}`;
    case 'any-upstream':
      return `any upstream ${describeCondition(condition.of)}`;
    case 'all-upstreams':
      return `all upstreams ${describeCondition(condition.of)}`;
    case 'and':
      return condition.of.map(describeCondition).join(' and ');
    case 'or':
      return `(${condition.of.map(describeCondition).join(' or ')})`;
    default:
      return condition.kind.replaceAll('-', ' ');
  }
}
