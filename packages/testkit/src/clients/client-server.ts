import { startTestServer } from '../server/test-server.ts';

export interface ClientServer {
  baseUrl: string;
  stop(): Promise<void>;
}

/**
 * The server that real clients are tested with: one of ours, on PostgreSQL where MYELIN_TEST_POSTGRES names one. For
 * a look at how another homeserver does, MYELIN_TEST_CLIENTS_URL names one on which anybody may register.
 */
export async function startClientServer(): Promise<ClientServer> {
  const other = process.env['MYELIN_TEST_CLIENTS_URL'];
  if (other) return { baseUrl: other, stop: async () => {} };
  const server = await startTestServer();
  return { baseUrl: server.baseUrl, stop: () => server.stop() };
}
