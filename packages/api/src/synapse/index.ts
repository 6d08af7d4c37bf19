export { getConsentPage } from './get-consent-page.ts';
export { getHealth } from './get-health.ts';
export { getMetrics } from './get-metrics.ts';
export { getRegistrationNonce } from './get-registration-nonce.ts';
export { getServerVersion } from './get-server-version.ts';
export { giveConsent } from './give-consent.ts';
export { registerWithSharedSecret } from './register-with-shared-secret.ts';
