// Types are a surface like any other: the compiler is what runs these, through the typecheck target.
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { asset, env, type Resource, resource, secret } from '../index.ts';

const Api = z.object({
  url: z.string(),
  mode: z.enum(['fast', 'exact']),
  retries: z.int(),
  timeout: z.coerce.number<number | string>(),
  isDry: z.boolean().default(false),
  login: z.object({ user: z.string(), token: z.string() }),
  hosts: z.array(z.string()).optional(),
});
const open = () => 1;
const about = { description: 'd', config: Api, open } as const;

describe('the values of a resource', () => {
  test('are those of its config, each its own or a variable where a text fits, for any environment', () => {
    resource({
      ...about,
      values: {
        default: { url: env('URL', 'http://a.example'), timeout: env('TIMEOUT'), retries: 3 },
        prod: { mode: env('MODE'), login: { user: 'a', token: secret('TOKEN') }, isDry: true },
        staging: { hosts: ['a'], timeout: 5 },
      },
    });
  });

  test('of another type, or of no field, do not compile', () => {
    // @ts-expect-error: a number is no text
    resource({ ...about, values: { default: { url: 1 } } });
    // @ts-expect-error: none of the two modes
    resource({ ...about, values: { dev: { mode: 'slow' } } });
    // @ts-expect-error: a text is no number
    resource({ ...about, values: { staging: { retries: '3' } } });
    // @ts-expect-error: token is a text
    resource({ ...about, values: { prod: { login: { user: 'a', token: 1 } } } });
    // @ts-expect-error: no such field
    expect(() => resource({ ...about, values: { prod: { uri: 'a' } } })).toThrow('"uri"');
  });

  test('of numbers and booleans are no variables, unless the schema makes something of text', () => {
    // @ts-expect-error: a variable is text
    resource({ ...about, values: { default: { retries: env('RETRIES') } } });
    // @ts-expect-error: a variable is text
    resource({ ...about, values: { default: { isDry: env('DRY') } } });
    resource({ ...about, values: { default: { timeout: env('TIMEOUT') } } });
  });

  test('are nothing that a resource without a config has, nor fields that decide no data', () => {
    // @ts-expect-error: only a resource with a config has values
    resource({ description: 'd', open, values: { default: { url: 'a' } } });
    // @ts-expect-error: only a resource with a config has fields
    resource({ description: 'd', open, dataFree: ['url'] });
  });

  test('that decide no data are fields of the config', () => {
    resource({ ...about, dataFree: ['timeout', 'retries'] });
    // @ts-expect-error: no such field
    expect(() => resource({ ...about, dataFree: ['timeuot'] })).toThrow('"timeuot"');
  });
});

describe('what a resource is opened with', () => {
  test('is what the schema gives out', () => {
    const made = resource({
      description: 'd',
      config: Api,
      open: ({ config }) => {
        expectTypeOf(config).toEqualTypeOf<z.output<typeof Api>>();
        return config.timeout;
      },
    });
    expectTypeOf(made).toEqualTypeOf<Resource<number>>();
  });

  test('has no config where the resource has none', () => {
    resource({
      description: 'd',
      open: (scope) => {
        expectTypeOf(scope).not.toHaveProperty('config');
        return scope.env.HOME;
      },
    });
  });
});

describe('context.config', () => {
  test('is what the schema gives out, and cannot be written into', () => {
    const config = z.object({
      since: z.string().transform((text) => new Date(text)),
      limit: z.int().default(5),
    });
    asset({
      description: 'd',
      file: 'a.txt',
      config,
      materialize: (_inputs, context) => {
        expectTypeOf(context.config).toEqualTypeOf<Readonly<{ since: Date; limit: number }>>();
        // @ts-expect-error: no such field
        void context.config.sinse;
        const write = () => {
          // @ts-expect-error: readonly
          context.config.limit = 6;
        };
        expectTypeOf(write).toBeFunction();
      },
    });
  });

  test('of an asset without a config has no fields', () => {
    asset({
      description: 'd',
      file: 'a.txt',
      materialize: (_inputs, { config }) => {
        // @ts-expect-error: no such field
        void config.limit;
      },
    });
  });

  test('comes from an object, not from any schema', () => {
    const wrong = () => {
      // @ts-expect-error: a config has fields
      asset({ description: 'd', file: 'a.txt', config: z.string(), materialize: () => undefined });
    };
    expectTypeOf(wrong).toBeFunction();
  });
});
