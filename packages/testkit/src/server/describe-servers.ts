import { describe } from 'vitest';
import { stoppedAfterwards } from './stopped-afterwards.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './test-server.ts';
import { testPostgresUrl } from './test-postgres.ts';

/**
 * Starts a server on the database that the tests are for. One that is started in `beforeAll` lives as long as the
 * file's tests, one that is started in a test as long as that test.
 */
export type StartServer = (options?: Omit<TestServerOptions, 'database'>) => Promise<TestServer>;

/** Defines the same tests on SQLite and, where MYELIN_TEST_POSTGRES names one, on PostgreSQL. */
export function describeServers(define: (start: StartServer, database: 'sqlite' | 'postgres') => void): void {
  for (const database of ['sqlite', 'postgres'] as const) {
    if (database === 'postgres' && testPostgresUrl() === undefined) continue;
    describe(database, () => define(starter(database), database));
  }
}

function starter(database: 'sqlite' | 'postgres'): StartServer {
  const stopLater = stoppedAfterwards();
  return async (options = {}) => {
    const server = await startTestServer({ ...options, database });
    stopLater([server]);
    return server;
  };
}
