import { endpoint } from '../endpoint.ts';
import { onBindThirdPartyIdentifier } from './on-bind-third-party-identifier.ts';

/** What Sydent, the identity server that is in use, calls instead of the specification's PUT, and Synapse answers alone. */
export const postThirdPartyBinding = endpoint({
  ...onBindThirdPartyIdentifier,
  id: 'federation.postThirdPartyBinding',
  source: 'synapse',
  method: 'POST',
});
