export { countedQueries } from './counted-queries.ts';
export { countedTransport } from './counted-transport.ts';
export type { CallInput, CallOptions, FederationClient } from './federation-client.ts';
export { FederationError } from './federation-error.ts';
export type { FederationRequest, FederationResponse, FederationTransport } from './federation-transport.ts';
export { RequestSigner, signedRequestBytes } from './signed-request.ts';
export { SigningFederationClient } from './signing-client.ts';
