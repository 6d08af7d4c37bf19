import type { getHealth } from '@myelin/api';
import { sql, type Database } from '@myelin/database';
import { bytes, type Handler } from '../../../http/index.ts';

/** Healthy means that the database answers too. */
export function getHealthHandler(database: Database): Handler<typeof getHealth> {
  return async () => {
    await database.reader.get(sql`SELECT 1 AS one`);
    return bytes('OK', { 'content-type': 'text/plain; charset=utf-8' });
  };
}
