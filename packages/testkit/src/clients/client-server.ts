import { startTestServer } from '../server/test-server.ts';

export interface ClientServer {
  baseUrl: string;
  stop(): Promise<void>;
}

/**
 * The server that real clients are tested with: one of ours, unless MYELIN_TEST_CLIENTS_URL names another homeserver
 * on which anybody may register, to see how the same test fares there.
 */
export async function startClientServer(): Promise<ClientServer> {
  const other = process.env['MYELIN_TEST_CLIENTS_URL'];
  if (other) return { baseUrl: other, stop: async () => {} };
  const server = await startTestServer();
  return { baseUrl: server.baseUrl, stop: () => server.stop() };
}
