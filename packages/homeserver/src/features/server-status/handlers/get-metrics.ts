import type { getMetrics } from '@myelin/api';
import { bytes, type Handler } from '../../../http/index.ts';
import type { MetricsText } from '../metrics-text.ts';

export function getMetricsHandler(metrics: MetricsText): Handler<typeof getMetrics> {
  return async () => bytes(await metrics.text(), { 'content-type': metrics.contentType });
}
