import type { getVersions } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { specificationVersions, unstableFeatures } from '../versions.ts';

export function getVersionsHandler(): Handler<typeof getVersions> {
  return async () => ({ versions: [...specificationVersions], unstable_features: { ...unstableFeatures } });
}
