export { Answer, answer, bytes, rawJson } from './answers.ts';
export type { Authenticator } from './authenticator.ts';
export { ConfiguredLimits } from './configured-limits.ts';
export { createHttpServer, type HttpServerOptions, type RequestObserver } from './http-server.ts';
export { InProcessServer, type InProcessCall } from './in-process.ts';
export { noLimits, type RequestLimits } from './limits.ts';
export { limitExceeded, RateLimiter, type RateLimit } from './rate-limiter.ts';
export type { Requester } from './requester.ts';
export { route, type Handler, type HandlerInput, type RequestContext, type Route } from './route.ts';
