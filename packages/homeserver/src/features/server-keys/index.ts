export { signingIdentity } from './signing-identity.ts';
