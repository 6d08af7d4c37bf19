import type { getVersions } from '@myelin/api';
import { answer, type Handler } from '../../../http/index.ts';
import { specificationVersions } from '../versions.ts';

/** May be kept by browsers and proxies for a while: it changes with the software only. */
const headers = {
  'cache-control': 'public, max-age=600, s-maxage=3600, stale-while-revalidate=600',
  vary: 'Authorization',
};

export function getVersionsHandler(unstableFeatures: Record<string, boolean>): Handler<typeof getVersions> {
  const body = { versions: [...specificationVersions], unstable_features: unstableFeatures };
  return async ({ optionalRequester }) => answer(200, body, optionalRequester ? {} : headers);
}
