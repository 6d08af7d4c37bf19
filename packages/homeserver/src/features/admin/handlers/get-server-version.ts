import type { getServerVersion } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';

export function getServerVersionHandler(version: string): Handler<typeof getServerVersion> {
  return async () => ({ server_version: version });
}
