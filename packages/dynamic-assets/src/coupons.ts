import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { asset, sql } from '@nx-assets/core';
import { fanOut } from '@nx-assets/flow';
import { z } from 'zod';
import { buyers } from './customers.ts';

const BEST = 40;
const derive = promisify(scrypt) as (secret: string, salt: string, length: number) => Promise<Buffer>;

/** Nobody knows before the run whom it is about: a function for each of them, four at a time, in one step. */
export const coupons = asset({
  description: `A code for each of the ${BEST} best customers. To try them all costs too much.`,
  deps: { buyers },
  schema: z.object({ customer: z.int(), code: z.string() }),
  orderBy: ['customer'],
  async materialize({ buyers: all }, context) {
    const best = await context.query<{ customer: number; cents: number }>(
      sql`SELECT customer, cents FROM ${all} ORDER BY cents DESC, customer LIMIT ${BEST}`,
    );
    return fanOut(best, { context, name: 'customers', key: nameOf }, async ({ customer, cents }) => ({
      customer,
      code: (await derive(`${customer}`, `${cents}`, 6)).toString('hex'),
    }));
  },
});

const nameOf = ({ customer }: { readonly customer: number }) => String(customer);
