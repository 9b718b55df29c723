export { coupons } from './coupons.ts';
export { buyers, visitors } from './customers.ts';
export { newsletter } from './newsletter.ts';
export { revenue_by_currency } from './revenue_by_currency.ts';
export { revenue_in } from './revenue_in.ts';
