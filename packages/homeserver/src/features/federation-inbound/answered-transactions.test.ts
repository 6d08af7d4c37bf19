import { sql, type Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { ManualTime } from '@myelin/runtime/testing';
import { expect, it } from 'vitest';
import { silentLog } from '../../observability/log.ts';
import { AnsweredTransactions } from './answered-transactions.ts';
import { federationInboundMigrations } from './migrations.ts';

const day = 24 * 3_600_000;

describeDatabases((open) => {
  function answersOf(database: Database, time: ManualTime): AnsweredTransactions {
    return new AnsweredTransactions({ database, clock: time, timers: time, log: silentLog });
  }
  async function start() {
    const time = new ManualTime();
    const database = await open(federationInboundMigrations);
    return { time, database, answers: answersOf(database, time) };
  }
  const rows = async (database: Database): Promise<number> =>
    (await database.reader.all(sql`SELECT txn_id FROM inbound_transactions`)).length;

  it('answers are known by server and transaction id, over a restart', async () => {
    const { time, database, answers } = await start();
    answers.note('one.test', '1', '{"$a":{}}');
    expect(await answers.find('one.test', '1')).toBe('{"$a":{}}');
    expect(await answers.find('two.test', '1')).toBeUndefined();
    expect(await rows(database)).toBe(0);
    await answers.flush();
    const again = answersOf(database, time);
    expect(await again.find('one.test', '1')).toBe('{"$a":{}}');
    expect(await again.find('one.test', '2')).toBeUndefined();
  });

  it('they are written a while after, many at once', async () => {
    const { time, database, answers } = await start();
    for (let i = 0; i < 3; i++) answers.note('one.test', `${i}`, '{}');
    time.advance(5_001);
    await answers.flush();
    expect(await rows(database)).toBe(3);
  });

  it('they are forgotten after a day', async () => {
    const { time, database, answers } = await start();
    answers.note('one.test', 'old', '{}');
    await answers.flush();
    time.advance(day + 1);
    expect(await answersOf(database, time).find('one.test', 'old')).toBeUndefined();
    answers.note('one.test', 'new', '{}');
    await answers.flush();
    expect(await rows(database)).toBe(1);
  });

  it('so many are kept as there may be, the newest', async () => {
    const { time, database, answers } = await start();
    for (let i = 0; i < 23_000; i++) {
      answers.note('one.test', `${i}`, '{}');
      time.advance(1);
    }
    await answers.flush();
    expect(await rows(database)).toBeLessThan(22_001);
    const again = answersOf(database, time);
    expect(await again.find('one.test', '9')).toBeUndefined();
    expect(await again.find('one.test', '22999')).toBe('{}');
  });

  it('an id that is too long is remembered in memory only, and a database that fails stops nobody', async () => {
    const { database, answers } = await start();
    answers.note('one.test', 'x'.repeat(300), '{}');
    expect(await answers.find('one.test', 'x'.repeat(300))).toBe('{}');
    await answers.flush();
    expect(await rows(database)).toBe(0);
    await database.transact((writer) => writer.run(sql`DROP TABLE inbound_transactions`));
    answers.note('one.test', '1', '{}');
    await answers.flush();
    expect(await answers.find('one.test', '1')).toBe('{}');
  });
});
