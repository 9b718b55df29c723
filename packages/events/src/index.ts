export { daily_events } from './daily_events.ts';
export { daily_revenue } from './daily_revenue.ts';
export { days, weeks } from './partitions.ts';
export { month_summary } from './month_summary.ts';
export { revenue_trend } from './revenue_trend.ts';
export { weekly_customers } from './weekly_customers.ts';
