import type { getConfigAuthed } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';

export function getConfigAuthedHandler({ maxUploadSize }: { maxUploadSize: number }): Handler<typeof getConfigAuthed> {
  return async () => ({ 'm.upload.size': maxUploadSize });
}
