import { openReadOnly, sql, type ReadOnlyDatabase } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import type { TestServer } from '../../../server/test-server.ts';

/** Counts the rows of all tables that there are, whoever made them. */
export class TableSizes {
  readonly #database: ReadOnlyDatabase;

  private constructor(database: ReadOnlyDatabase) {
    this.#database = database;
  }

  static async open(server: TestServer): Promise<TableSizes> {
    const options = server.config.database as Parameters<typeof openReadOnly>[0];
    return new TableSizes(await openReadOnly(options, systemRuntime));
  }

  async rows(): Promise<Map<string, number>> {
    this.#database.renew();
    const tables = await this.#database.reader.all<{ name: string }>(
      sql.byDialect({
        sqlite: sql`SELECT name FROM sqlite_master WHERE type = 'table'`,
        postgres: sql`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
      }),
    );
    const counts = tables.map(async ({ name }): Promise<[string, number]> => {
      const found = await this.#database.reader.get<{ n: number }>(sql`SELECT COUNT(*) AS n FROM ${sql.raw(name)}`);
      return [`table ${name}`, found?.n ?? 0];
    });
    return new Map(await Promise.all(counts));
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
