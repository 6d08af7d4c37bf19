import { systemResolver } from '@myelin/runtime';
import { testAuthority } from '@myelin/testkit';
import { expect, it } from 'vitest';
import { testConfig } from './config/index.ts';
import { federationHttp, userAgentOf } from './federation-http.ts';

it.each([
  ['/nowhere/authority.pem', "federation_custom_ca_list: the certificate /nowhere/authority.pem doesn't exist"],
  [import.meta.filename, `federation_custom_ca_list: the certificate ${import.meta.filename} can't be read as one`],
])('an authority at %s is refused at start', async (path, problem) => {
  const config = testConfig({ federation_custom_ca_list: [testAuthority, path] });
  await expect(federationHttp(config, systemResolver())).rejects.toThrow(problem);
});

it('the addresses of homeserver.yaml are not called', async () => {
  const http = await federationHttp(testConfig(), systemResolver());
  const request = { url: 'https://127.0.0.1:1/', method: 'GET', timeoutMs: 1000 };
  await expect(http.request(request)).rejects.toMatchObject({ kind: 'denied' });
  await http.close();
});

it('requests say who asks', () => {
  expect(userAgentOf(testConfig())).toMatch(/^Myelin\/[0-9.]+$/);
  expect(userAgentOf(testConfig({ user_agent_suffix: 'ours' }))).toMatch(/^Myelin\/[0-9.]+ ours$/);
});
