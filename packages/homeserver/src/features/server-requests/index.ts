export { RequestChecker } from './request-checker.ts';
