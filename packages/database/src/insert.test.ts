import { beforeEach, expect, it } from 'vitest';
import type { Database } from './database.ts';
import { isUniqueViolation } from './errors.ts';
import { sql } from './sql.ts';
import type { SqlValue } from './statement.ts';
import { describeDatabases } from './testing.ts';

const members = [
  {
    id: 'test/0001',
    up: [
      sql`CREATE TABLE members (
        room INTEGER NOT NULL, person INTEGER NOT NULL, membership TEXT NOT NULL CONSTRAINT known CHECK (membership <> 'unknown'),
        PRIMARY KEY (room, person)
      ) WITHOUT ROWID`,
      sql`CREATE TABLE devices (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, key BLOB)`,
      sql`CREATE UNIQUE INDEX devices_name ON devices (name)`,
    ],
  },
];

const columns = ['room', 'person', 'membership'];

describeDatabases((open) => {
  let database: Database;
  beforeEach(async () => {
    database = await open(members);
  });

  function insert(rows: readonly (readonly SqlValue[])[], onConflict?: string): Promise<void> {
    return database.transact((writer) => writer.insert('members', columns, rows, onConflict));
  }

  it.each([0, 1, 2, 3, 7, 300, 1000])('inserts %d rows', async (count) => {
    await insert(Array.from({ length: count }, (_, i) => [i % 3, i, 'join']));
    const found = await database.reader.get(sql`SELECT count(*) AS n, max(person) AS last FROM members`);
    expect(found).toEqual({ n: count, last: count === 0 ? null : count - 1 });
  });

  it('leaves or changes rows that are there', async () => {
    await insert([[1, 1, 'join']]);
    await insert(
      [
        [1, 1, 'leave'],
        [1, 2, 'join'],
      ],
      'DO NOTHING',
    );
    await insert(
      [
        [1, 2, 'ban'],
        [1, 3, 'join'],
      ],
      '(room, person) DO UPDATE SET membership = excluded.membership',
    );
    expect(await database.reader.all(sql`SELECT person, membership FROM members ORDER BY person`)).toEqual([
      { person: 1, membership: 'join' },
      { person: 2, membership: 'ban' },
      { person: 3, membership: 'join' },
    ]);
  });

  it('tells unique constraints with their table and columns', async () => {
    await insert([[1, 1, 'join']]);
    const error = await insert([[1, 1, 'join']]).catch((thrown: unknown) => thrown);
    expect(isUniqueViolation(error)).toBe(true);
    expect(error).toMatchObject({
      kind: 'constraint',
      constraint: { kind: 'unique', table: 'members', columns: ['room', 'person'] },
    });
    await database.transact((writer) => writer.insert('devices', ['id', 'name'], [[1, 'phone']]));
    const named = await database
      .transact((writer) => writer.insert('devices', ['id', 'name'], [[2, 'phone']]))
      .catch((thrown: unknown) => thrown);
    expect(named).toMatchObject({ constraint: { kind: 'unique', table: 'devices', columns: ['name'] } });
  });

  it('tells the other constraints apart, without values in the text', async () => {
    const check = await insert([[1, 1, 'unknown']]).catch((thrown: unknown) => thrown);
    expect(check).toMatchObject({ kind: 'constraint', constraint: { kind: 'check', name: 'known' } });
    expect(isUniqueViolation(check)).toBe(false);
    const missing = await insert([[1, 1, null]]).catch((thrown: unknown) => thrown);
    expect(missing).toMatchObject({
      kind: 'constraint',
      constraint: { kind: 'not-null', table: 'members', columns: ['membership'] },
    });
    await insert([[4711, 4712, 'join']]);
    const twice = await insert([[4711, 4712, 'join']]).catch((thrown: unknown) => thrown);
    expect((twice as Error).message).not.toMatch(/471/);
  });

  it('passes on the error that a body makes of a violation', async () => {
    await insert([[1, 1, 'join']]);
    const translated = database.transact(async (writer) => {
      try {
        await writer.insert('members', columns, [[1, 1, 'join']]);
      } catch (error) {
        throw isUniqueViolation(error) ? new Error('is a member already') : error;
      }
    });
    await expect(translated).rejects.toThrow('is a member already');
  });

  it('refuses rows of another width', async () => {
    await expect(insert([[1, 1]])).rejects.toBeInstanceOf(TypeError);
    await expect(insert([[1, 1, 'join', 2]])).rejects.toBeInstanceOf(TypeError);
  });

  it('refuses statements that are wrong, and carries on', async () => {
    await expect(database.reader.get(sql`SELECT nothing FROM members`)).rejects.toMatchObject({ kind: 'statement' });
    await expect(database.transact((writer) => writer.run(sql`DELETE FROM nowhere`))).rejects.toMatchObject({
      kind: 'statement',
    });
    await insert([[1, 1, 'join']]);
    expect(await database.reader.get(sql`SELECT count(*) AS n FROM members`)).toEqual({ n: 1 });
  });
});
