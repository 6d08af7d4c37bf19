import { ManualTime } from '@myelin/runtime/testing';
import { expect, it } from 'vitest';
import { Metrics } from '../../observability/metrics.ts';
import { inboundMetrics } from './inbound-metrics.ts';

it('events that wait to be taken in are counted, and the oldest has its age', async () => {
  const metrics = new Metrics('test', '0', false);
  const time = new ManualTime();
  const inbound = inboundMetrics(metrics, new Set(), time);
  const figures = async (): Promise<number[]> =>
    Promise.all(
      ['number', 'oldest'].map(async (name) => {
        const text = await metrics.registry.getSingleMetricAsString(
          `synapse_federation_server_${name}_inbound_pdu_in_staging`,
        );
        return Number(text.split(' ').at(-1));
      }),
    );
  expect(await figures()).toEqual([0, 0]);
  const first = inbound.pdus('a.test', 3);
  inbound.pdus('a.test', 0).end();
  time.advance(250);
  const second = inbound.pdus('b.test', 1);
  time.advance(50);
  first.done();
  expect(await figures()).toEqual([3, 300]);
  first.end();
  expect(await figures()).toEqual([1, 50]);
  second.done();
  second.end();
  expect(await figures()).toEqual([0, 0]);
});
