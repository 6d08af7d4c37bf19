export { ConsentGate } from './consent-gate.ts';
export { ConsentLinks } from './consent-links.ts';
export { ConsentService } from './consent-service.ts';
export { consentRoutes } from './routes.ts';
