import { sql } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { expect, it } from 'vitest';
import { SendingWorld } from './testing/sending-world.ts';

const [one, two, three] = ['one.test', 'two.test', 'three.test'];
const minute = 60_000;

describeDatabases((open) => {
  /** What happens in a round, step by step: the server may crash in the midst of each. */
  function* steps(world: SendingWorld, round: number): Generator<() => Promise<unknown>> {
    const kicks = 1_000 + round;
    yield () => world.send(7, `a${round}`);
    yield () => world.toDevice([one, two], { n: `${round}.1` });
    yield () => world.idle();
    yield () => world.pass(6_000);
    yield async () => world.peers.dies(two, minute);
    yield () => world.send(8, `b${round}`);
    yield () => world.toDevice([one, two], { n: `${round}.2` });
    yield () => world.deviceChange(1, `D${round}`, 0);
    yield () => world.fill(kicks, [three]);
    yield () => world.send(kicks, `kick${round}`, { userId: `@a:${three}`, from: 'join', to: 'leave' });
    yield () => world.pass(6_000);
    yield () => world.send(7, `c${round}`);
    yield () => world.toDevice([two], { n: `${round}.3` });
    yield () => world.pass(2 * minute);
    yield async () => world.peers.comesBack(two);
    yield () => world.pass(6_000);
  }

  async function live(world: SendingWorld, round: number): Promise<void> {
    for (const step of steps(world, round)) {
      if (world.run.isDown) return;
      await step();
    }
  }

  /** The newest event of each room, as the tables have it. */
  const newest = async (world: SendingWorld): Promise<string[]> => {
    const rows = await world.database.reader.all<{ event: number }>(sql`SELECT event FROM outbound_rooms`);
    return rows.map(({ event }) => world.idOf(event));
  };

  it('a crash before or after anything that is done loses nothing, and no message to a device comes twice', async () => {
    const world = await SendingWorld.begin(open, one, two);
    world.ownRooms.add(8);
    await world.fill(8, [one, two]);
    const sent: Record<string, string[]> = { [one]: [], [two]: [] };
    const toDevice = world.toDevice.bind(world);
    world.toDevice = async (destinations, content) => {
      await toDevice(destinations, content);
      for (const destination of destinations) sent[destination]?.push(content['n'] as string);
    };
    let crashes = 0;
    for (let round = 1; crashes === round - 1; round++) {
      // Every other one: before something is nearly the same as after what was before it.
      await world.start({ at: round * 2 - 1, isDone: round % 2 === 0 });
      await live(world, round);
      if (world.run.isDown) {
        crashes++;
        await world.start();
      }
      world.peers.comesBack(two);
      await world.pass(3 * minute);
      const context = `round ${round}`;
      for (const server of [one, two]) {
        expect([context, world.peers.events(server)]).toEqual([context, expect.arrayContaining(await newest(world))]);
        const received = world.peers.edus(server).filter(({ edu_type }) => edu_type === 'm.direct_to_device');
        expect([context, received.map(({ content }) => content['n'])]).toEqual([context, sent[server]]);
      }
      const parted = await world.database.reader.all(sql`SELECT destination FROM outbound_partings`);
      expect([context, parted]).toEqual([context, []]);
      // What a returning server missed is read beside what `idle` knows of.
      await world.until(() => world.sending.outbound.pending.destinations === 0);
    }
    expect(crashes).toBeGreaterThan(20);
    const kicks = world.peers.events(three);
    const made = [...world.ids()].filter((id) => /^kick\d+$/.test(id));
    expect(made.length).toBeGreaterThan(5);
    expect(new Set(kicks)).toEqual(new Set(made));
    const devices = world.peers.edus(one).filter(({ edu_type }) => edu_type === 'm.device_list_update');
    const changed = await world.database.reader.all<{ device_id: string }>(
      sql`SELECT device_id FROM outbound_device_lists`,
    );
    expect(new Set(devices.map(({ content }) => content['device_id']))).toEqual(
      new Set(changed.map(({ device_id }) => device_id)),
    );
  });
});
