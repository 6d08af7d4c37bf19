import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClientServer, type ClientServer } from './client-server.ts';

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server.stop());

test('matrix-nio: two users talk encrypted both ways', async () => {
  const python = process.env['MYELIN_TEST_PYTHON'];
  if (!python) throw new Error('MYELIN_TEST_PYTHON names no Python that has matrix-nio (.ci/requirements.txt)');
  const script = join(import.meta.dirname, 'nio_conversation.py');
  const run = `nio-${Date.now()}`;
  const { stdout } = await promisify(execFile)(python, [script, server.baseUrl, run], { timeout: 120_000 });
  const facts: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  expect(facts).toMatchObject({
    bobRead: expect.arrayContaining([
      { body: 'Hello Bob', sender: expect.stringContaining(`alice-${run}`), decrypted: true },
    ]),
    aliceRead: expect.arrayContaining([
      { body: 'Hello Alice', sender: expect.stringContaining(`bob-${run}`), decrypted: true },
    ]),
    pagedBack: 2,
  });
});
