import type { getStatusPage } from '@myelin/api';
import { bytes, type Handler } from '../../../http/index.ts';
import { statusPage } from '../status-page.ts';

export function getStatusPageHandler(serverName: string): Handler<typeof getStatusPage> {
  const page = statusPage(serverName);
  return async () => bytes(page, { 'content-type': 'text/html; charset=utf-8' });
}
