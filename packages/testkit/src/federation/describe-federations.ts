import { afterAll, afterEach, beforeEach, describe } from 'vitest';
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
    describe(database, () => define(stoppedAfterwards(database), database));
  }
}

function stoppedAfterwards(database: 'sqlite' | 'postgres'): StartFederation {
  const ofFile: TestServer[] = [];
  let ofTest: TestServer[] | undefined;
  beforeEach(() => {
    ofTest = [];
  });
  afterEach(async () => {
    const servers = ofTest ?? [];
    ofTest = undefined;
    await Promise.all(servers.map((server) => server.stop()));
  });
  afterAll(async () => {
    await Promise.all(ofFile.map((server) => server.stop()));
  });
  return async (count = 2, options = {}) => {
    const servers = await startFederation({ ...options, servers: count, database });
    (ofTest ?? ofFile).push(...servers);
    return servers;
  };
}
