export type { CallInput, CallOptions, FederationClient, StreamedAnswer } from './federation-client.ts';
export { FederationError, type FederationFailure } from './federation-error.ts';
export type { FederationRequest, FederationResponse, FederationTransport } from './federation-transport.ts';
export { RequestSigner, signedRequestText, type SignedRequest } from './signed-request.ts';
export { SigningFederationClient, type Retries } from './signing-client.ts';
