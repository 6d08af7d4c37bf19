import type { getConfig } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';

export function getConfigHandler({ maxUploadSize }: { maxUploadSize: number }): Handler<typeof getConfig> {
  return async () => ({ 'm.upload.size': maxUploadSize });
}
