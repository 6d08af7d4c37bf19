import { ManualTime } from '@myelin/runtime/testing';
import { expect, it } from 'vitest';
import { Metrics } from '../../observability/metrics.ts';
import { limitMetrics } from './limit-metrics.ts';
import { OriginLimits } from './origin-limits.ts';

it('what is slowed down and refused of other servers is counted, and how long it waits', async () => {
  const metrics = new Metrics('test', '0', false);
  const time = new ManualTime();
  const limits = new OriginLimits({
    clock: time,
    timers: time,
    limits: { windowSizeMs: 1000, sleepLimit: 2, sleepDelayMs: 500, rejectLimit: 1, concurrent: 10 },
    metrics: limitMetrics(metrics),
  });
  const figures = async (): Promise<Record<string, number>> => {
    const text = await metrics.registry.metrics();
    const lines = [...text.matchAll(/^synapse_rate_limit_(\w+)\{[^}]*"federation_servlets"[^}]*\} (\S+)$/gm)];
    return Object.fromEntries(
      lines.filter(([, name]) => !name?.endsWith('_bucket')).map(([, name, at]) => [name, Number(at)]),
    );
  };
  const none = { sleep_total: 0, reject_total: 0, sleep_affected_hosts: 0 };
  expect(await figures()).toEqual(none);

  const turns = ['a', 'a', 'a', 'a', 'b', 'b', 'b'].map((name) => limits.enter(`${name}.test`));
  await expect(limits.enter('a.test')).rejects.toMatchObject({ code: 'M_LIMIT_EXCEEDED' });
  expect(await figures()).toMatchObject({ sleep_total: 3, reject_total: 1, sleep_affected_hosts: 2 });
  time.advance(500);
  await Promise.all(turns);
  expect(await figures()).toEqual({
    sleep_total: 3,
    reject_total: 1,
    sleep_affected_hosts: 0,
    queue_wait_time_seconds_count: 7,
    queue_wait_time_seconds_sum: 1.5,
  });
});
