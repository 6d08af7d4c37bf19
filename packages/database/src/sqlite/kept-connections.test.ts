import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '@myelin/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Writer } from '../database.ts';
import { sql } from '../sql.ts';
import { KeptConnections } from './kept-connections.ts';
import { openSqlite } from './open.ts';

const durability = { flush: async (commit: () => void) => commit() };

describe('connections that are kept from one database to the next', () => {
  let folder: string;
  let connections: KeptConnections;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'myelin-kept-'));
    const path = join(folder, 'x.db');
    const empty = await openSqlite({ kind: 'sqlite', path }, systemRuntime);
    await empty.transact(async (writer) => {
      for (const table of ['a', 'b', 'c'])
        await writer.run(sql`${sql.raw(`CREATE TABLE ${table} (id BIGINT PRIMARY KEY, v BLOB)`)}`);
      await writer.insert('a', ['id', 'v'], [[1, 'one']]);
    });
    await empty.close();
    connections = new KeptConnections();
  });
  afterEach(() => {
    connections.end();
    rmSync(folder, { recursive: true });
  });

  async function write(body: (writer: Writer) => Promise<unknown>): Promise<void> {
    const path = `file:${join(folder, 'x.db')}?vfs=unix-excl`;
    const database = await openSqlite({ kind: 'sqlite', path, durability, connections }, systemRuntime);
    await database.transact(body);
    database.crash();
  }

  const ways: [string, (writer: Writer) => Promise<unknown>][] = [
    ['inserted', (writer) => writer.insert('a', ['id', 'v'], [[2, 'two']])],
    ['inserted by a statement', (writer) => writer.run(sql`INSERT INTO a (id, v) VALUES (${3}, ${'three'})`)],
    ['changed', (writer) => writer.run(sql`UPDATE a SET v = ${'other'} WHERE id = ${1}`)],
    ['changed, and told', (writer) => writer.all(sql`UPDATE a SET v = ${'other'} WHERE id = ${1} RETURNING id`)],
    ['got by a change', (writer) => writer.get(sql`INSERT INTO a (id) VALUES (${4}) RETURNING id`)],
    ['deleted', (writer) => writer.run(sql`DELETE FROM a`)],
    ['deleted where the table is a part', (writer) => writer.run(sql`DELETE FROM ${sql.raw('a')}`)],
    ['written by a statement that is a part', (writer) => writer.run(sql`${sql`UPDATE a SET v = ${'other'}`}`)],
    [
      'written with others',
      (writer) => writer.run(sql`WITH x AS (SELECT 9 AS id) INSERT INTO a (id) SELECT id FROM x`),
    ],
  ];
  it.each(ways)('what was %s is gone when the first contents come back', async (_name, change) => {
    await write(async () => {});
    const before = connections.contents();
    await write(change);
    expect(connections.contents()).not.toEqual(before);
    connections.restore();
    expect(connections.contents()).toEqual(before);
  });

  it('each table gets the contents that are given, whichever it had and whether or not it was written into', async () => {
    await write((writer) => writer.insert('b', ['id', 'v'], [[1, new Uint8Array([1, 2])]]));
    const one = connections.contents();
    await write(async (writer) => {
      await writer.run(sql`UPDATE b SET v = ${new Uint8Array([1, 3])}`);
      await writer.insert('c', ['id', 'v'], [[7, 'seven']]);
    });
    const other = connections.contents();
    for (const wanted of [one, other, other, one, undefined, other, one]) {
      connections.restore(wanted);
      expect(connections.contents()).toEqual(wanted ?? new Map([['"a"', [[1, 'one']]]]));
    }
  });
});
