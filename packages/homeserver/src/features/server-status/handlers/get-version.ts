import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';

export function getVersionHandler(version: string): Handler<typeof federation.getVersion> {
  return async () => ({ server: { name: 'Myelin', version } });
}
