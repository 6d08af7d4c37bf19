import type { PoolClient, QueryArrayResult } from 'pg';
import { BoundedMap } from '../bounded-map.ts';
import { rowMaker, type RowMaker } from '../rows.ts';
import { fromPostgres } from './errors.ts';
import type { NamedStatement } from './statements.ts';
import { types } from './values.ts';

export type Result = QueryArrayResult<unknown[]>;

/**
 * Sends a statement. Those sent without waiting run one after another on the server, and those sent in one turn go
 * out in one write: a write costs as much as all else that a statement costs here.
 */
export function send(client: PoolClient, statement: NamedStatement): Promise<Result> {
  const { stream } = client.connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
  return new Promise((resolve, reject) => {
    client.query({ ...statement, rowMode: 'array', types } as never, (error: Error | null, result: unknown) => {
      if (error) reject(fromPostgres(error) as Error);
      else resolve(result as Result);
    });
  });
}

/** Makes objects of a result's rows. */
export class Rows {
  readonly #makers = new BoundedMap<string, RowMaker>(1024);

  all({ rows, fields }: Result): unknown[] {
    if (rows.length === 0) return rows;
    const columns = fields.map((field) => field.name);
    const key = columns.join();
    let make = this.#makers.get(key);
    if (make === undefined) this.#makers.set(key, (make = rowMaker(columns)));
    const made = rows as unknown[];
    for (let i = 0; i < rows.length; i++) made[i] = make(rows[i] as never);
    return made;
  }
}
