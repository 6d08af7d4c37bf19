export { limitMetrics, type LimitMetrics } from './limit-metrics.ts';
export { OriginLimits } from './origin-limits.ts';
export { RequestChecker } from './request-checker.ts';
