export { getHealth } from './get-health.ts';
export { getMetrics } from './get-metrics.ts';
export { getRegistrationNonce } from './get-registration-nonce.ts';
export { getServerVersion } from './get-server-version.ts';
export { registerWithSharedSecret } from './register-with-shared-secret.ts';
