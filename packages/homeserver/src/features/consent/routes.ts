import { getConsentPage, giveConsent } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { ConsentService } from './consent-service.ts';
import { getConsentPageHandler } from './handlers/get-consent-page.ts';
import { giveConsentHandler } from './handlers/give-consent.ts';

export function consentRoutes(consent: ConsentService): Route[] {
  return [route(getConsentPage, getConsentPageHandler(consent)), route(giveConsent, giveConsentHandler(consent))];
}
