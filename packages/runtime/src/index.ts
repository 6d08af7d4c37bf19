export { Breather, othersTurn } from './breather.ts';
export { systemClock, type Clock } from './clock.ts';
export { systemTimers, type Cancellable, type Timers } from './timers.ts';
export { systemRandom, randomFraction, randomString, type Random } from './random.ts';
export { systemRuntime, type Runtime } from './runtime.ts';
export { AddressRules } from './outbound/address-rules.ts';
export {
  OutboundError,
  type OutboundFailure,
  type OutboundHttp,
  type OutboundRequest,
  type OutboundResponse,
} from './outbound/outbound-http.ts';
export { ProxyRules, type Proxy, type ProxySettings } from './outbound/proxy-rules.ts';
export { systemResolver, type Resolver, type ServiceRecord } from './outbound/resolver.ts';
export { trustedAuthorities } from './outbound/trusted-authorities.ts';
export { UndiciHttp, type UndiciHttpOptions } from './outbound/undici-http.ts';
