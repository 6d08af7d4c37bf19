import { startTestServer, type TestServer, type TestServerOptions } from '../server/test-server.ts';

export interface FederationOptions extends Omit<TestServerOptions, 'federated'> {
  /** How many; 2 if not given. */
  servers?: number;
}

/**
 * Starts real servers on this machine that speak with each other over TLS; their names are `localhost:PORT`. Whoever
 * starts them stops them.
 */
export async function startFederation({ servers = 2, ...options }: FederationOptions = {}): Promise<TestServer[]> {
  const starting = Array.from({ length: servers }, (_none, index) => startTestServer({ ...options, federated: index }));
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return started;
  await Promise.all(started.map((server) => server.stop()));
  throw failed.reason;
}
