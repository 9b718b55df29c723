import type { CreateNodesContextV2 } from '@nx/devkit';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { command, SHOP } from '../test-support.ts';
import { nodesOf } from './create-nodes.ts';

const workspace = new TestWorkspace({
  ...SHOP,
  'packages/plain/package.json': JSON.stringify({ name: 'plain' }),
});
const { root } = workspace;
beforeAll(() => command(root, 'ls'), 60_000);
afterAll(() => workspace.dispose());

const nodes = (...files: readonly string[]) =>
  nodesOf(files, { workspaceRoot: root, nxJsonConfiguration: {} } satisfies CreateNodesContextV2);
const shop = async () => {
  const [[file, { projects = {} }] = ['', {}]] = await nodes(
    'packages/shop/package.json',
    'packages/plain/package.json',
  );
  return { file, project: projects['packages/shop'] };
};

describe('the nodes of a group', () => {
  test('are one project, with a target for each asset and job, and none for what runs others', async () => {
    const { file, project } = await shop();
    expect(file).toBe('packages/shop/package.json');
    expect(project?.name).toBe('shop');
    expect(Object.keys(project?.targets ?? {}).sort()).toEqual([
      'days',
      'materialize',
      'nightly',
      'orders',
      'raw',
      'total',
      'upper',
    ]);
  });

  test('depend on what their functions take', async () => {
    const { project } = await shop();
    expect(project?.targets?.upper?.dependsOn).toEqual([{ target: 'raw', params: 'forward' }]);
    expect(project?.targets?.raw?.dependsOn).toEqual([]);
    expect(project?.targets?.materialize).toMatchObject({ executor: 'nx:noop', cache: false });
    expect(project?.targets?.materialize?.dependsOn).toHaveLength(5);
    // Ops come first; Nx would run what the job depends on before them.
    expect(project?.targets?.nightly).not.toHaveProperty('dependsOn');
    expect(project?.targets?.nightly).toMatchObject({ executor: 'nx-assets:job', cache: false });
  });

  test('say which files count, so that those elsewhere in the workspace make them affected', async () => {
    const { project } = await shop();
    const upstream = { dependentTasksOutputFiles: '**/*', transitive: false };
    expect(project?.targets?.raw?.inputs).toEqual([upstream]);
    expect(project?.targets?.upper?.inputs).toEqual([
      upstream,
      '{workspaceRoot}/packages/shop/words/*.txt',
      '{workspaceRoot}/shared/*.txt',
    ]);
  });

  test('are cached with value and record; of partitions, with those of the one that is named', async () => {
    const { project } = await shop();
    expect(project?.targets?.raw).toMatchObject({ executor: 'nx-assets:materialize', cache: true });
    expect(project?.targets?.raw?.outputs).toEqual([
      '{workspaceRoot}/output/shop/raw.parquet',
      '{workspaceRoot}/output/shop/raw.record.json',
    ]);
    expect(project?.targets?.days?.outputs).toEqual([
      '{workspaceRoot}/output/shop/days/{options.partition}.parquet',
      '{workspaceRoot}/output/shop/days/{options.partition}.record.json',
    ]);
  });

  test('say whose they are, and what of', async () => {
    const { project } = await shop();
    expect(project?.metadata).toEqual({
      description: 'A shop.',
      technologies: ['api', 'node'],
      owners: { '@test/shop': { ownedFiles: [{ files: ['**/*'] }] } },
      targetGroups: {
        assets: expect.arrayContaining(['materialize', 'raw', 'days']) as string[],
        jobs: ['nightly'],
      },
    });
  });
});

describe('packages that are no groups', () => {
  test('have no nodes', async () => {
    expect(await nodes('packages/plain/package.json')).toEqual([]);
    expect(await nodes()).toEqual([]);
  });
});

describe('definitions that do not load', () => {
  test('are told, since Nx itself says only that the graph failed', async () => {
    using broken = new TestWorkspace({ ...SHOP, 'packages/shop/src/index.ts': 'export const = 1;' });
    let told = '';
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      told += String(text);
      return true;
    });
    try {
      const failing = nodesOf(['packages/shop/package.json'], {
        workspaceRoot: broken.root,
        nxJsonConfiguration: {},
      });
      await expect(failing).rejects.toMatchObject({ code: expect.stringMatching(/^DEFINITION_/) as string });
    } finally {
      write.mockRestore();
    }
    expect(told).toContain('DEFINITION_');
    expect(told).toContain('packages/shop/src/index.ts');
  });

  test('of checks on an asset make a target that checks', async () => {
    using checked = new TestWorkspace(SHOP);
    checked.edit('packages/shop/src/index.ts', (code) =>
      code
        .replace('import { asset, daily', 'import { asset, daily, rowCount')
        .replace("description: 'Louder.',", "description: 'Louder.', checks: [rowCount({ min: 1 })],"),
    );
    const [[, { projects = {} }] = ['', {}]] = await nodesOf(['packages/shop/package.json'], {
      workspaceRoot: checked.root,
      nxJsonConfiguration: {},
    });
    expect(projects['packages/shop']?.targets?.check).toMatchObject({
      executor: 'nx-assets:check',
      cache: false,
    });
  });
});
