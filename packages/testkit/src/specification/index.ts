export { apis, type Api, type JsonSchema, type Operation } from './operations.ts';
export { Specification, type CheckedAnswer } from './specification.ts';
