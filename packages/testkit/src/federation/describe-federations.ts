import { describe } from 'vitest';
import { stoppedAfterwards } from '../server/stopped-afterwards.ts';
import { testPostgresUrl } from '../server/test-postgres.ts';
import type { TestServer, TestServerOptions } from '../server/test-server.ts';
import { startFederation } from './start-federation.ts';

/**
 * Starts servers that know each other. Those that are started in `beforeAll` live as long as the file's tests, those that
 * are started in a test as long as that test.
 */
export type StartFederation = (
  servers?: number,
  options?: Omit<TestServerOptions, 'database'>,
) => Promise<readonly TestServer[]>;

/** Defines the same tests on SQLite and, where MYELIN_TEST_POSTGRES names one, on PostgreSQL. */
export function describeFederations(define: (start: StartFederation, database: 'sqlite' | 'postgres') => void): void {
  for (const database of ['sqlite', 'postgres'] as const) {
    if (database === 'postgres' && testPostgresUrl() === undefined) continue;
    describe(database, () => define(starter(database), database));
  }
}

function starter(database: 'sqlite' | 'postgres'): StartFederation {
  const stopLater = stoppedAfterwards();
  return async (count = 2, options = {}) => {
    const servers = await startFederation({ ...options, servers: count, database });
    stopLater(servers);
    return servers;
  };
}
