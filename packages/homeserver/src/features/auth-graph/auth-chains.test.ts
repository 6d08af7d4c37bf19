import { migrate, sql, type Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { describe, expect, it } from 'vitest';
import { eventsMigrations } from '../events/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import { AuthChains } from './auth-chains.ts';
import { ChainWriter } from './chain-writer.ts';
import { authGraphMigrations } from './migrations.ts';

/** The number of an event, its state key, and its auth events. */
type Made = readonly [number, number, readonly number[]];

const create: Made = [1, 1, []];
const admin: Made = [2, 20, [1]];
const levels: Made = [3, 3, [1, 2]];
const rules: Made = [4, 5, [1, 2, 3]];
const start = [create, admin, levels, rules];

describeDatabases((open) => {
  async function opened(events: readonly Made[] = start) {
    const database = await open([...eventsMigrations, ...authGraphMigrations]);
    const chains = new AuthChains(database);
    const stored = new Map<number, readonly number[]>();
    const read = async (nids: readonly number[]) => new Map(nids.map((nid) => [nid, stored.get(nid) ?? []])) as never;
    let writer = new ChainWriter(chains, read);
    const store = async (lot: readonly Made[], isNew = true): Promise<void> => {
      await database.transact(async (transaction) => {
        if (isNew) await insertEvents(transaction, lot);
        const edges = lot.map(([event, stateKey, auth]) => ({
          event: event as EventNid,
          stateKey: stateKey as StateKeyNid,
          authEvents: auth as EventNid[],
          isNew,
        }));
        await writer.add(transaction, edges);
      });
      for (const [event, , auth] of lot) stored.set(event, auth);
    };
    await store(events);
    return { database, chains, store, forget: () => (writer = new ChainWriter(chains, read)) };
  }

  describe('the chains of auth events', () => {
    it('have one for each state key, with links that do not follow from others', async () => {
      const { database, store } = await opened();
      await store([[5, 22, [1, 3, 4]]]);
      await store([[6, 22, [1, 3, 5]]]);
      await store([[7, 22, [1, 3, 4, 6]]]);
      expect(await chainsIn(database)).toEqual(['6 in 5 at 1', '7 in 5 at 2']);
      // That of the create event follows from any other, that of the levels from that of the join rules.
      expect(await linksIn(database)).toEqual(['2 to 1', '3 to 2', '4 to 3', '5 to 4']);
      await store([[8, 3, [1, 2, 3]]]);
      await store([[9, 22, [1, 7, 8]]]);
      expect(await linksIn(database)).toEqual(['2 to 1', '3 to 2', '4 to 3', '5 to 4', '9 to 8']);
    });

    it('have the same links when the server was started anew', async () => {
      const { database, store, forget } = await opened();
      await store([[5, 22, [1, 3, 4]]]);
      forget();
      await store([[6, 22, [1, 3, 5]]]);
      forget();
      await store([[7, 24, [1, 3, 4]]]);
      expect(await linksIn(database)).toEqual(['2 to 1', '3 to 2', '4 to 3', '5 to 4', '7 to 4']);
    });

    it('branch where two events rest on the same one', async () => {
      const { database, chains, store } = await opened();
      await store([
        [5, 3, [1, 2, 3]],
        [6, 3, [1, 2, 3]],
        [7, 3, [1, 2, 6]],
      ]);
      expect(await chainsIn(database)).toEqual(['5 in 3 at 1', '7 in 6 at 1']);
      expect(await chains.chainsOf([5, 6, 7] as EventNid[])).toEqual(
        new Map([
          [5, 3],
          [6, 6],
          [7, 6],
        ]),
      );
      expect(await chains.between(3 as EventNid, 3 as EventNid, 5 as EventNid, 10)).toEqual([3, 5]);
      expect(await chains.between(3 as EventNid, 5 as EventNid, 5 as EventNid, 10)).toEqual([5]);
    });

    it('stay as they are when an event is added again', async () => {
      const { database, store, forget } = await opened();
      const more: Made[] = [
        [5, 22, [1, 3, 4]],
        [6, 22, [1, 3, 5]],
      ];
      await store(more);
      const before = [await chainsIn(database), await linksIn(database)];
      forget();
      for (const event of [...start, ...more]) await store([event], false);
      expect([await chainsIn(database), await linksIn(database)]).toEqual(before);
    });

    it('are not remembered as they were before what was stored while they were read', async () => {
      const more: Made[] = [
        [5, 22, [1, 3, 4]],
        [6, 23, [1, 3, 4]],
      ];
      /** With how many queries each reads. */
      const asked: [number, (chains: AuthChains) => Promise<unknown>][] = [
        [1, (chains) => chains.chainsOf([7] as EventNid[])],
        [1, (chains) => chains.citations(4 as EventNid, 0 as EventNid, Infinity, undefined)],
        [2, (chains) => chains.loadSparse([3, 4] as EventNid[])],
      ];
      for (const [queries, ask] of asked) {
        let left = queries;
        const { database, store } = await opened([...start, ...more]);
        const isRead = Promise.withResolvers<void>();
        const mayGoOn = Promise.withResolvers<void>();
        const reader = {
          all: async (query: Parameters<typeof database.reader.all>[0]) => {
            const rows = await database.reader.all(query);
            left--;
            if (left > 0) return rows;
            isRead.resolve();
            await mayGoOn.promise;
            return rows;
          },
        };
        const chains = new AuthChains({ reader } as unknown as Database);
        const reading = ask(chains);
        await isRead.promise;
        await store([
          [7, 22, [1, 3, 5]],
          [8, 24, [1, 3, 4]],
        ]);
        chains.noteAdded([[7 as EventNid, 5 as EventNid]], [4 as EventNid]);
        mayGoOn.resolve();
        await reading;
        expect(await chains.chainsOf([7] as EventNid[])).toEqual(new Map([[7, 5]]));
        const links = await chains.citations(4 as EventNid, 0 as EventNid, Infinity, undefined);
        expect(links.map(({ event }) => event)).toEqual([8, 6, 5]);
      }
    });

    it('are not remembered as a transaction saw them that came to nothing', async () => {
      const { database, chains } = await opened([...start, [5, 22, [1, 3, 4]]]);
      const failed = database.transact(async (writer) => {
        await insertEvents(writer, [
          [6, 22, []],
          [7, 24, []],
        ]);
        const edges = [
          { event: 6, stateKey: 22, authEvents: [1, 3, 5], isNew: true },
          { event: 7, stateKey: 24, authEvents: [1, 3, 4], isNew: true },
        ];
        await new ChainWriter(chains, async () => new Map()).add(writer, edges as never);
        expect(await chains.chainsOf([6] as EventNid[], writer)).toEqual(new Map([[6, 5]]));
        expect(await chains.citations(4 as EventNid, 0 as EventNid, Infinity, undefined, writer)).toHaveLength(2);
        throw new Error('on purpose');
      });
      await expect(failed).rejects.toThrow('on purpose');
      expect(await chains.chainsOf([6] as EventNid[])).toEqual(new Map([[6, 6]]));
      expect(await chains.citations(4 as EventNid, 0 as EventNid, Infinity, undefined)).toHaveLength(1);
    });

    it('are not continued twice by two transactions at the same time', async () => {
      const { database, store } = await opened();
      await Promise.all([store([[5, 3, [1, 2, 3]]]), store([[6, 3, [1, 2, 3]]])]);
      expect(await chainsIn(database)).toHaveLength(1);
      expect((await linksIn(database)).filter((link) => link.endsWith(' to 3'))).toHaveLength(2);
    });

    it('leave out auth events that are newer than the event: that of an invite from before its room was known', async () => {
      const { database, store } = await opened([create, [2, 22, [1, 3]]]);
      await store([[3, 3, [1]]]);
      expect(await linksIn(database)).toEqual(['2 to 1', '3 to 1']);
    });

    it('begin with the citations of a server that had no chains, and continue them', async () => {
      const database = await open([...eventsMigrations, ...authGraphMigrations.slice(0, 1)]);
      await database.transact(async (writer) => {
        await insertEvents(writer, [...start, [5, 22, [1, 3, 4]]]);
        const rows = [...start, [5, 22, [1, 3, 4]] as const].flatMap(([event, , auth]) =>
          auth.map((each) => [each, event]),
        );
        await writer.insert('auth_citations', ['auth', 'event'], rows);
      });
      await migrate(database, [...eventsMigrations, ...authGraphMigrations]);
      expect(await linksIn(database)).toEqual(
        '2 to 1, 3 to 1, 3 to 2, 4 to 1, 4 to 2, 4 to 3, 5 to 1, 5 to 3, 5 to 4'.split(', '),
      );
      await database.transact(async (writer) => {
        await insertEvents(writer, [[6, 22, []]]);
        const edges = [{ event: 6, stateKey: 22, authEvents: [1, 3, 5], isNew: true }];
        await new ChainWriter(new AuthChains(database), async () => new Map()).add(writer, edges as never);
      });
      expect(await chainsIn(database)).toEqual(['6 in 5 at 1']);
      expect(await linksIn(database)).toHaveLength(9);
    });
  });
});

async function insertEvents(writer: Parameters<Parameters<Database['transact']>[0]>[0], events: readonly Made[]) {
  const columns =
    'nid room type state_key sender depth origin_server_ts state_before state_after status event_id content_start content_end json';
  const rows = events.map(([nid, key]) => [nid, 0, 0, key, 0, 0, 0, 0, 0, 0, new Uint8Array([nid]), 0, 0, '']);
  await writer.insert('events', columns.split(' '), rows);
}

async function chainsIn({ reader }: Database): Promise<string[]> {
  const rows = await reader.all<{ event: number; chain: number; place: number }>(
    sql`SELECT event, chain, place FROM auth_chains ORDER BY event`,
  );
  return rows.map(({ event, chain, place }) => `${event} in ${chain} at ${place}`);
}

async function linksIn({ reader }: Database): Promise<string[]> {
  const rows = await reader.all<{ from_event: number; to_event: number }>(
    sql`SELECT from_event, to_event FROM auth_chain_links ORDER BY from_event, to_event`,
  );
  return rows.map(({ from_event, to_event }) => `${from_event} to ${to_event}`);
}
