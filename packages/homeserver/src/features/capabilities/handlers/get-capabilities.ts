import type { getCapabilities } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';

export function getCapabilitiesHandler(
  capabilities: Record<string, Record<string, unknown>>,
): Handler<typeof getCapabilities> {
  return async () => ({ capabilities });
}
