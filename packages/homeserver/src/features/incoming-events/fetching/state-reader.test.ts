import { sql } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { authEventIds } from '@myelin/protocol';
import { Breather } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { allMigrations } from '../../../migrations.ts';
import { silentLog } from '../../../observability/log.ts';
import { FederationError } from '../../federation-client/index.ts';
import { EventChecker } from '../checking/event-checker.ts';
import { EventJudge } from '../checking/event-judge.ts';
import { EventNamer } from '../checking/event-namer.ts';
import { Outliers } from './outliers.ts';
import { StateReader } from './state-reader.ts';
import { IntakeBench } from '../testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from '../testing/other-room.ts';

const creator = '@creator:a.test';
/** More than are kept in their parsed form while they wait. */
const members = 600;

describeDatabases((open) => {
  describe('a state that is told', () => {
    it('is stored in the order of its auth events, in whatever order it comes', { timeout: 60_000 }, async () => {
      const { core, made, tell } = await world();
      const all = made.map((event) => JSON.stringify(event.pdu));
      await tell(`{"auth_chain":[],"x":{"pdus":1},"pdus":[${all.toReversed().join(',')}]}`);
      const stored = await core.events.findMany(made.map((event) => event.eventId));
      expect(stored.size).toBe(made.length);
      for (const { eventId, pdu } of made) {
        const event = stored.get(eventId);
        expect(event).toMatchObject({ isRejected: false, isOutlier: true });
        for (const id of authEventIds(pdu, room.version))
          expect(stored.get(id)?.nid).toBeLessThan(event?.nid as number);
      }
    });

    it('lacks what rests on events that are not told, and what is no event', async () => {
      const { core, made, tell } = await world();
      const [create, ownJoin, levels, rules, first, second] = made as [
        MadeEvent,
        MadeEvent,
        MadeEvent,
        MadeEvent,
        MadeEvent,
        MadeEvent,
      ];
      const forged = JSON.stringify({ ...second.pdu, auth_events: [create.eventId], depth: 77 });
      const told = [create, levels, rules, first].map((event) => JSON.stringify(event.pdu));
      await tell(`{"pdus":[{"a":],nope,1.50,[],${told.join(',')},${told.join(',')},${forged}],"auth_chain":["x"]}`);
      const stored = await core.events.findMany(made.map((event) => event.eventId));
      expect([...stored.keys()]).toEqual([create.eventId]);
      // The forged one has an id of its own.
      expect(await core.database.reader.all(sql`SELECT nid FROM events`)).toHaveLength(1);
      await tell(`{"pdus":[],"auth_chain":[${told.join(',')},${JSON.stringify(ownJoin.pdu)}]}`);
      const now = await core.events.findMany(made.map((event) => event.eventId));
      expect(new Set(now.keys())).toEqual(new Set([create, ownJoin, levels, rules, first].map((each) => each.eventId)));
      expect(now.get(create.eventId)?.nid).toBe(stored.get(create.eventId)?.nid);
    });

    it('lacks what is longer than any event may be written', async () => {
      const { core, made, tell } = await world();
      const [first = '', second = ''] = made.map((event) => JSON.stringify(event.pdu));
      const longer = second.replace('{', `{${' '.repeat(600_000)}`);
      await tell(`{"pdus":[${longer},${first.replace('{', `{${' '.repeat(400_000)}`)}],"auth_chain":[]}`);
      const stored = await core.events.findMany(made.map((event) => event.eventId));
      expect([...stored.keys()]).toEqual([made[0]?.eventId]);
      await tell(`{"pdus":[${second}],"auth_chain":[]}`);
      expect((await core.events.findMany(made.map((event) => event.eventId))).size).toBe(2);
    });

    it.each([
      ['breaks off', '{"pdus":[CREATE,', 200],
      ['lacks a list', '{"pdus":[CREATE]}', 200],
      ['is something else', '[CREATE]', 200],
      ['goes on behind its end', '{"pdus":[CREATE],"auth_chain":[]}}', 200],
      ['leads elsewhere', '{"pdus":[CREATE],"auth_chain":[]}', 302],
    ])('is a bad answer if it %s', async (_how, text, status) => {
      const { made, tell } = await world();
      const answer = text.replace('CREATE', JSON.stringify(made[0]?.pdu));
      await expect(tell(answer, status)).rejects.toMatchObject({ kind: 'bad-answer' });
    });

    it('is kept as far as it came if the server falls silent', async () => {
      const { core, made, tell } = await world();
      const told = made.slice(0, 200).map((event) => JSON.stringify(event.pdu));
      await expect(tell(`{"pdus":[${told.join(',')},`, 200, true)).rejects.toMatchObject({ kind: 'unreachable' });
      const stored = await core.events.findMany(made.map((event) => event.eventId));
      expect(stored.size).toBeGreaterThan(100);
    });
  });

  async function world(): Promise<{
    core: IntakeBench['core'];
    made: MadeEvent[];
    tell: (text: string, status?: number, breaksOff?: boolean) => Promise<void>;
  }> {
    const core = await IntakeBench.open(await open(allMigrations));
    const { clock, timers } = core.runtime;
    const parts = {
      ...core,
      log: silentLog,
      keyRing: room.servers,
      threads: true,
      breathe: () => new Breather(clock, timers),
      judge: new EventJudge(core),
      namer: new EventNamer(core.database, core.names),
      unproven: { keep: async () => {}, waits: async () => false },
      hidden: { charge: async () => {} },
    };
    const scope = await core.database.transact(async (writer) => {
      return { room: await core.names.room(writer, room.roomId), roomId: room.roomId, version: room.version };
    });
    const tell = async (text: string, status = 200, breaksOff = false): Promise<void> => {
      const client = { stream: async () => ({ status, headers: {}, body: pieces(text, breaksOff) }) };
      const reader = new StateReader({
        client,
        checker: new EventChecker(parts),
        outliers: new Outliers(parts),
      });
      await reader.store('a.test', scope, { params: { roomId: room.roomId }, query: { event_id: '$x' } }, {});
    };
    return { core, made, tell };
  }
});

async function* pieces(text: string, breaksOff: boolean): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 5_000) yield bytes.subarray(at, at + 5_000);
  if (breaksOff) throw new FederationError('unreachable', 'a.test', 'broken off');
}

const room = new OtherRoom(new FictitiousServers(), creator, '11', '!told:a.test');
const made = makeRoom();

function makeRoom(): MadeEvent[] {
  room.newest = [room.create];
  const ownJoin = room.member(creator, 'join');
  const content = { users: { [creator]: 100 } };
  const levels = room.send({ type: 'm.room.power_levels', sender: creator, stateKey: '', content });
  const joinRule = { join_rule: 'public' };
  const rules = room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: joinRule });
  const joins = Array.from({ length: members }, (_, i) => {
    const user = `@user${i}:s${i % 20}.test`;
    const join = { membership: 'join' };
    return room.make({ type: 'm.room.member', sender: user, stateKey: user, content: join, after: [rules] });
  });
  return [room.create, ownJoin, levels, rules, ...joins];
}
