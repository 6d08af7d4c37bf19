import { systemRuntime } from '@myelin/runtime';
import { afterAll, afterEach, beforeEach, describe } from 'vitest';
import type { Database } from './database.ts';
import type { Dialect } from './fragments.ts';
import { migrate, type Migration } from './migrations.ts';
import { openDatabase } from './open.ts';

/** Opens a fresh, empty database with `migrations` applied. It is closed after the test, or after the file's tests. */
export type OpenTestDatabase = (migrations?: readonly Migration[]) => Promise<Database>;

/** Defines the same tests for each database that is to be had. */
export function describeDatabases(define: (open: OpenTestDatabase, dialect: Dialect) => void): void {
  describe('sqlite', () => {
    define(
      closeAfterwards(() => openDatabase({ kind: 'sqlite', path: ':memory:' }, systemRuntime)),
      'sqlite',
    );
  });
}

function closeAfterwards(openEmpty: () => Promise<Database>): OpenTestDatabase {
  let ofTest: Database[] | undefined;
  const ofFile: Database[] = [];
  beforeEach(() => {
    ofTest = [];
  });
  afterEach(async () => {
    const databases = ofTest ?? [];
    ofTest = undefined;
    for (const database of databases) await database.close();
  });
  afterAll(async () => {
    for (const database of ofFile) await database.close();
  });
  return async (migrations = []) => {
    const database = await openEmpty();
    (ofTest ?? ofFile).push(database);
    if (migrations.length > 0) await migrate(database, migrations);
    return database;
  };
}
