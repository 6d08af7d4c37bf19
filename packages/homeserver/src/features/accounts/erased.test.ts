import { describeDatabases } from '@myelin/database/testing';
import { systemRuntime } from '@myelin/runtime';
import { expect, it } from 'vitest';
import type { UserNid } from '../names/index.ts';
import { Accounts } from './accounts.ts';
import { accountsMigrations } from './migrations.ts';

describeDatabases((open) => {
  it('knows who is erased, until they come back', async () => {
    const database = await open(accountsMigrations);
    const accounts = new Accounts(database, systemRuntime.clock);
    const [one, two] = [1 as UserNid, 2 as UserNid];
    await database.transact(async (writer) => {
      await accounts.create(writer, one, '@one:test', {});
      await accounts.create(writer, two, '@two:test', {});
    });
    expect(await accounts.erasedAmong([one, two])).toEqual([]);
    await database.transact((writer) => accounts.setFlags(writer, one, { deactivated: true, erased: true }));
    await database.transact((writer) => accounts.setFlags(writer, two, { deactivated: true }));
    expect(await accounts.erasedAmong([two, one])).toEqual([one]);
    expect([...(await new Accounts(database, systemRuntime.clock).erased())]).toEqual([one]);
    await database.transact((writer) => accounts.setFlags(writer, one, { deactivated: false }));
    expect(await accounts.erasedAmong([two, one])).toEqual([]);
    expect((await accounts.find(one))?.erased).toBe(false);
  });
});
