export { errorStatus, MatrixError, type ErrorCode, type ErrorDetails } from './errors.ts';
export {
  endpoint,
  type Authentication,
  type BodyOf,
  type Endpoint,
  type HttpMethod,
  type ParamsOf,
  type QueryOf,
  type RateLimitClass,
  type ResponseOf,
} from './endpoint.ts';
export { compileValidator, type CompileOptions, type Invalid, type Validator } from './schema.ts';
export { count, emptyObject, integer, jsonObject, mapOf, nothing, nullable, oneOf, withMore } from './shared.ts';
export { eventFilter, roomEventFilter, syncFilter } from './client/shapes/filters.ts';
export * from './client/index.ts';
export * from './synapse/index.ts';
export * from './myelin/index.ts';
/** The Server-Server API; its operations share names with the client's. */
export * as federation from './federation/index.ts';
export { allEndpoints } from './all-endpoints.ts';
