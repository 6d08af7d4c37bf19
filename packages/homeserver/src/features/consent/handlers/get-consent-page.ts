import type { getConsentPage } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { ConsentService } from '../consent-service.ts';
import { page } from './page.ts';

export function getConsentPageHandler(consent: ConsentService): Handler<typeof getConsentPage> {
  return async ({ query }) => page(await consent.page({ user: query.u, signature: query.h, version: query.v }));
}
