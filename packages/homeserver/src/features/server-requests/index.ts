export { OriginLimits } from './origin-limits.ts';
export { RequestChecker } from './request-checker.ts';
