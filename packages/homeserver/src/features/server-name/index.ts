import { sql, type Database, type Reader, type Writer } from '@myelin/database';

export { serverNameMigrations } from './migrations.ts';

/**
 * The name is part of every id that the server ever gave out: a database belongs to one name for good. The first start
 * keeps it; a start with another name is refused.
 */
export async function checkServerName(database: Database, serverName: string): Promise<void> {
  const kept = (await nameIn(database.reader)) ?? (await database.transact((writer) => keepName(writer, serverName)));
  if (kept !== serverName) {
    throw new Error(
      `The database belongs to the server ${kept}, but server_name is ${serverName}. Put server_name back, or use another database`,
    );
  }
}

async function nameIn(reader: Reader): Promise<string | undefined> {
  return (await reader.get<{ name: string }>(sql`SELECT name FROM server_name`))?.name;
}

async function keepName(writer: Writer, serverName: string): Promise<string> {
  const kept = await nameIn(writer);
  if (kept !== undefined) return kept;
  await writer.run(sql`INSERT INTO server_name (name) VALUES (${serverName})`);
  return serverName;
}
