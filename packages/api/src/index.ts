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
export { emptyObject, jsonObject, nothing } from './shared.ts';
export { sendMessage } from './client/rooms/send-message.ts';
