import { beforeAll, expect, test } from 'vitest';
import { describeServers } from './describe-servers.ts';
import type { TestServer } from './test-server.ts';

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  test('an administrator registers by the shared secret', async () => {
    const admin = await server.registerAdmin('root');
    expect(admin.userId).toBe('@root:test');
    expect(admin.accessToken).toBeTypeOf('string');
  });
});
