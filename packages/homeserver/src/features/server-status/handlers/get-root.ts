import type { getRoot } from '@myelin/api';
import { bytes, type Handler } from '../../../http/index.ts';
import { statusPage } from '../status-page.ts';

/** `webClientLocation`: where browsers are sent instead of being shown the status page. */
export function getRootHandler(serverName: string, webClientLocation: string | undefined): Handler<typeof getRoot> {
  if (webClientLocation !== undefined) return async () => bytes('', { location: webClientLocation }, 302);
  const page = statusPage(serverName);
  return async () => bytes(page, { 'content-type': 'text/html; charset=utf-8' });
}
