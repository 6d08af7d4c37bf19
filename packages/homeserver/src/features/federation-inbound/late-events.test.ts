import { sql, type Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { ManualTime } from '@myelin/runtime/testing';
import { afterEach, expect, it } from 'vitest';
import { silentLog } from '../../observability/log.ts';
import type { CheckedPdu } from '../incoming-events/index.ts';
import { LateEvents } from './late-events.ts';
import { federationInboundMigrations } from './migrations.ts';

const minute = 60_000;

describeDatabases((open) => {
  const made: LateEvents[] = [];
  afterEach(() => Promise.all(made.splice(0).map((each) => each.stop())));

  function lateOf(database: Database, time: ManualTime): LateEvents {
    const late = new LateEvents({ database, clock: time, timers: time, log: silentLog });
    made.push(late);
    return late;
  }
  async function start() {
    const time = new ManualTime();
    const database = await open(federationInboundMigrations);
    return { time, database, late: lateOf(database, time) };
  }
  const event = (id: string): CheckedPdu => ({
    eventId: id,
    pdu: { type: 'm.room.message' } as never,
    json: `{"event":"${id}"}`,
  });
  const count = async (database: Database): Promise<number> =>
    (await database.reader.all(sql`SELECT event_id FROM late_events`)).length;

  it('an event is tried again until it has its place', async () => {
    const { time, database, late } = await start();
    const tried: unknown[] = [];
    let isThere = false;
    late.start(async (...attempt) => {
      tried.push(attempt);
      return isThere;
    });
    await late.keep('one.test', '!room', event('$a'));
    await late.round();
    expect(tried).toEqual([]);
    time.advance(30_001);
    await late.round();
    expect(tried).toEqual([['one.test', '!room', { event: '$a' }]]);
    await late.round();
    expect(tried).toHaveLength(1);
    isThere = true;
    time.advance(2 * minute);
    await late.round();
    expect(tried).toHaveLength(2);
    expect(await count(database)).toBe(0);
  });

  it('it is tried again after a restart, and given up in the end, or when it fails otherwise', async () => {
    const { time, database, late } = await start();
    await late.keep('one.test', '!room', event('$a'));
    await late.stop();
    const again = lateOf(database, time);
    let tries = 0;
    again.start(async () => {
      tries++;
      return false;
    });
    for (let hour = 0; hour < 24; hour++) {
      time.advance(60 * minute);
      await again.round();
    }
    expect(tries).toBe(5);
    expect(await count(database)).toBe(0);
    await again.keep('one.test', '!room', event('$b'));
    again.start(async () => {
      throw new Error('no');
    });
    time.advance(minute);
    await again.round();
    expect(await count(database)).toBe(0);
  });

  it('few wait of a room and of a server, and each once', async () => {
    const { database, late } = await start();
    for (let i = 0; i < 2; i++) await late.keep('one.test', '!room', event('$same'));
    expect(await count(database)).toBe(1);
    for (let i = 0; i < 30; i++) await late.keep('one.test', '!room', event(`$${i}`));
    expect(await count(database)).toBe(20);
    for (let i = 0; i < 120; i++) await late.keep('one.test', `!room${i}`, event('$x'));
    expect(await count(database)).toBe(100);
    await late.keep('two.test', '!other', event('$y'));
    expect(await count(database)).toBe(101);
    await late.keep('two.test', '!other', { ...event('$z'), refusal: 'format' });
    expect(await count(database)).toBe(101);
  });
});
