import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getMetrics } from '@myelin/api';
import { startTestServer } from '@myelin/testkit';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../../../..');

it('docs/reference/metrics.md has every figure that the server tells, and no other', async () => {
  const server = await startTestServer({ federated: 0 });
  const { text } = await server.client().send(getMetrics);
  await server.stop();
  const [served] = readFileSync(join(root, 'docs/reference/metrics.md'), 'utf8').split("## Synapse's figures");
  const listed = [...served!.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, help]) => `${name} ${help}`);
  const told = [...text.matchAll(/^# HELP (synapse_.*)$/gm)].map(([, line]) => line);
  expect(listed.toSorted()).toEqual(told.toSorted());
});
