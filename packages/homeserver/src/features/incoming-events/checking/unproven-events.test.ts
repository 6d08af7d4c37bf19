import { describeDatabases } from '@myelin/database/testing';
import { systemClock } from '@myelin/runtime';
import { expect, it } from 'vitest';
import { allMigrations } from '../../../migrations.ts';
import { UnprovenEvents } from './unproven-events.ts';

describeDatabases((open) => {
  // The simulator's seed 800: members stayed outside of the room's state for good.
  it('keeps what several servers tell at once of the states that an event is in', async () => {
    const database = await open(allMigrations);
    const unproven = new UnprovenEvents({ database, clock: systemClock });
    await unproven.keep('!room:a.test', [{ eventId: '$e', server: 'silent.test', json: '{}' }], ['$first']);
    const told = ['$second', '$third', '$fourth'];
    await Promise.all(told.map((after) => unproven.told('!room:a.test', ['$e', '$other'], [after])));
    const [waiting] = await unproven.ofServer('!room:a.test', 'silent.test', 10);
    expect(waiting?.toldAfter.toSorted()).toEqual(['$first', ...told].toSorted());
  });
});
