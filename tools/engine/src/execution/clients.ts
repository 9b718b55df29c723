import type { Resource, Resources } from '@nx-assets/core';
import { configError, configOfAsset, configOfResource, configOfRun } from '@nx-assets/core/config';
import type { StepEnvironment, StepOrder, StepPart } from './step-environment.ts';

/**
 * Opens resources, hands them to `use`, and closes what was opened whatever happens. What failed first is what is thrown:
 * one that does not close keeps no other from being closed, and hides no failure of the step.
 */
export async function withClients<T>(
  resources: Resources,
  order: Pick<StepOrder, 'clients' | 'announce' | 'redactor' | 'log'>,
  environment: StepEnvironment,
  use: (clients: Record<string, never>) => Promise<T>,
): Promise<T> {
  const opened: [Resource<unknown>, unknown][] = [];
  const clients: Record<string, unknown> = {};
  const { env, signal } = environment;
  const failures: unknown[] = [];
  let result: T | undefined;
  try {
    for (const [name, resource] of Object.entries(resources)) {
      if (order.clients && name in order.clients) {
        clients[name] = order.clients[name];
        continue;
      }
      const secret = (value: string) => order.redactor?.add(value);
      const { value: config, problems } = configOfResource(resource, env);
      if (problems.length > 0)
        throw configError(
          problems.map((problem) => `resource ${name}: ${problem}`),
          env,
        );
      const { announce, log } = order;
      const client = await resource.open({ env, signal, secret, announce, log, config });
      opened.push([resource, client]);
      clients[name] = client;
    }
    result = await use(clients as Record<string, never>);
  } catch (error) {
    failures.push(error);
  }
  for (const [resource, client] of opened.reverse()) {
    try {
      await resource.close?.(client);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return result as T;
}

/** What the run gives an asset. Whoever starts a run has checked it; this is for those who have not. */
export function ownConfig({ manifest, definition }: StepPart, { env, runConfig }: StepEnvironment): unknown {
  const given = configOfAsset(runConfig, manifest.key);
  const { value, problems } = configOfRun(definition, given);
  if (problems.length > 0)
    throw configError(
      problems.map((problem) => `${manifest.key}: ${problem}`),
      env,
    );
  return value;
}
