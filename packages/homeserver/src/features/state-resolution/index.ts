export type { ResolutionScope } from './resolution-run.ts';
export { valueIn } from './differences.ts';
export { countResolutions } from './resolution-metrics.ts';
export { ResolutionThread } from './resolution-thread.ts';
export { StateResolver, type LargeResolutions, type ResolveOptions } from './state-resolver.ts';
export { keyOfView, statesAfter, viewOf, withEntry, type StateView } from './state-view.ts';
