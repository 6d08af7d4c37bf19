import { sql } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { ManualTime } from '@myelin/runtime/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid } from '../names/index.ts';
import { searchMigrations } from './migrations.ts';
import { SearchIndexer, type IndexerParts } from './search-indexer.ts';
import { SearchStore } from './search-store.ts';

/** An index of messages that a test makes, hides and shows. */
describeDatabases((open) => {
  const indexers: SearchIndexer[] = [];
  afterEach(async () => {
    for (const indexer of indexers.splice(0)) await indexer.stop();
  });

  async function opened() {
    const database = await open(searchMigrations);
    const messages = new Map<number, { isShown: boolean }>();
    const failures: string[] = [];
    const time = new ManualTime();
    /** Reading these events fails. */
    const broken = new Set<number>();
    /** Called whenever events are read. */
    const hooks = { onRead: async (): Promise<void> => {} };
    const message = (nid: number): StoredEvent =>
      ({
        nid,
        room: 1,
        type: 'm.room.message',
        position: nid,
        content: { body: `word${nid}` },
        fields: { originServerTs: nid },
        ...messages.get(nid),
      }) as unknown as StoredEvent;
    const parts = {
      database,
      clock: time,
      timers: time,
      names: { findType: async () => 1 },
      heads: {},
      events: {
        getMany: async (nids: readonly number[]) => {
          await hooks.onRead();
          if (nids.some((nid) => broken.has(nid))) throw new Error('The disk is full');
          return new Map(nids.map((nid) => [nid, message(nid)]));
        },
      },
      feed: {
        after: async (after: number) =>
          [...messages.keys()].filter((nid) => nid > after).map((nid) => ({ nid, type: 1 })),
      },
      store: new SearchStore(database),
      onFailure: (error: Error) => failures.push(error.message),
    };
    const indexer = new SearchIndexer(parts as unknown as IndexerParts);
    indexers.push(indexer);
    return {
      messages,
      failures,
      time,
      broken,
      hooks,
      indexer,
      async revise(nid: number, isShown: boolean): Promise<void> {
        messages.set(nid, { isShown });
        await database.transact((writer) => indexer.reconsider(writer, [message(nid)]));
      },
      async found(): Promise<EventNid[]> {
        const rows = await database.reader.all<{ event: EventNid }>(
          sql`SELECT event FROM search_events ORDER BY event`,
        );
        return rows.map(({ event }) => event);
      },
    };
  }

  describe('what the index of the search has to look at again', () => {
    it('is tried again at the next run where that failed', async () => {
      const { indexer, messages, failures, broken, revise, found } = await opened();
      messages.set(1, { isShown: true }).set(2, { isShown: false });
      await indexer.catchUp();
      expect(await found()).toEqual([1]);
      await revise(2, true);
      broken.add(2);
      await indexer.catchUp();
      expect(failures).toEqual(['The disk is full']);
      expect(await found()).toEqual([1]);
      broken.clear();
      await indexer.catchUp();
      expect(await found()).toEqual([1, 2]);
    });

    it('is tried again though nobody searches', async () => {
      const { indexer, messages, failures, time, broken, revise, found } = await opened();
      indexer.start();
      messages.set(1, { isShown: false });
      await indexer.catchUp();
      await revise(1, true);
      broken.add(1);
      await indexer.catchUp();
      expect(failures).toHaveLength(1);
      broken.clear();
      time.advance(60_000);
      await expect.poll(found).toEqual([1]);
    });

    it('does not keep new events out of the index where it fails each time', async () => {
      const { indexer, messages, failures, broken, revise, found } = await opened();
      messages.set(1, { isShown: false });
      await indexer.catchUp();
      await revise(1, true);
      broken.add(1);
      for (const nid of [2, 3]) {
        messages.set(nid, { isShown: true });
        await indexer.catchUp();
      }
      expect(await found()).toEqual([2, 3]);
      expect(failures).toHaveLength(2);
    });

    it('is looked at though it changed while that was done', async () => {
      const { indexer, messages, hooks, revise, found } = await opened();
      messages.set(1, { isShown: false }).set(2, { isShown: true });
      await indexer.catchUp();
      await revise(1, true);
      hooks.onRead = async () => {
        hooks.onRead = async () => {};
        await revise(2, false);
        await revise(1, true);
      };
      await indexer.catchUp();
      await indexer.catchUp();
      expect(await found()).toEqual([1]);
    });
  });
});
