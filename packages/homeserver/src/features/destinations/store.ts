import { sql, type Database, type Reader, type Writer } from '@myelin/database';

/** A server that doesn't answer. Times and interval in ms. */
export interface Failing {
  readonly failingSince: number;
  readonly lastTry: number;
  readonly retryInterval: number;
}

interface Row {
  readonly destination: string;
  readonly failing_since: number;
  readonly last_try: number;
  readonly retry_interval: number;
}

export async function failingIn(reader: Reader, destination: string): Promise<Failing | undefined> {
  const row = await reader.get<Row>(
    sql`SELECT destination, failing_since, last_try, retry_interval FROM destinations WHERE destination = ${destination}`,
  );
  return row && { failingSince: row.failing_since, lastTry: row.last_try, retryInterval: row.retry_interval };
}

export async function putFailing(writer: Writer, destination: string, failing: Failing): Promise<void> {
  const { failingSince, lastTry, retryInterval } = failing;
  await writer.run(
    sql`INSERT INTO destinations (destination, failing_since, last_try, retry_interval)
      VALUES (${destination}, ${failingSince}, ${lastTry}, ${retryInterval})
      ON CONFLICT (destination) DO UPDATE SET failing_since = excluded.failing_since,
        last_try = excluded.last_try, retry_interval = excluded.retry_interval`,
  );
}

export async function forgetFailing(writer: Writer, destination: string): Promise<void> {
  await writer.run(sql`DELETE FROM destinations WHERE destination = ${destination}`);
}

/** Those that have been failing for longest, for the administrator. */
export async function allFailing(database: Database, limit: number): Promise<(Failing & { destination: string })[]> {
  const rows = await database.reader.all<Row>(
    sql`SELECT destination, failing_since, last_try, retry_interval FROM destinations
      ORDER BY failing_since, destination LIMIT ${limit}`,
  );
  return rows.map((row) => ({
    destination: row.destination,
    failingSince: row.failing_since,
    lastTry: row.last_try,
    retryInterval: row.retry_interval,
  }));
}
