import { migrate, openDatabase } from '@myelin/database';
import { roomVersion, type JsonObject, type RoomVersion } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testConfig } from '../../config/index.ts';
import { createCore, type Core } from '../../core.ts';
import type { Requester } from '../../http/index.ts';
import { allMigrations } from '../../migrations.ts';
import type { Log } from '../../observability/log.ts';
import { wireClientData, type ClientDataWiring } from '../../wire-client-data.ts';
import type { RoomNid, UserNid } from '../names/index.ts';
import { RelationStore } from '../relations/index.ts';
import { RoomAccess } from '../room-events/index.ts';
import { EventVisibility } from '../visibility/index.ts';

type Step =
  | { readonly kind: 'message'; readonly own: boolean; readonly thread: boolean; readonly mention: boolean }
  | { readonly kind: 'read'; readonly back: number; readonly threaded: boolean; readonly isPrivate: boolean }
  | { readonly kind: 'redact'; readonly back: number }
  | { readonly kind: 'ask' };

/** A message as the test remembers it. */
interface Sent {
  readonly eventId: string;
  readonly own: boolean;
  readonly thread: string;
  readonly mention: boolean;
  redacted: boolean;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      own: fc.constant(false),
      thread: fc.boolean(),
      mention: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      own: fc.constant(true),
      thread: fc.boolean(),
      mention: fc.constant(false),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      back: fc.nat(6),
      threaded: fc.boolean(),
      isPrivate: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('redact' as const), back: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'ask' as const }) },
);

describe('unread counts', () => {
  let core: Core;
  let log: Log;
  const people = { alice: '@alice:test', bob: '@bob:test' };
  const nids = {} as { alice: UserNid; bob: UserNid };
  let followed: ClientDataWiring;
  let relations: RelationStore;
  let rooms = 0;

  beforeAll(async () => {
    const database = await openDatabase({ kind: 'sqlite', path: ':memory:' }, systemRuntime);
    await migrate(database, allMigrations);
    core = await createCore(testConfig(), systemRuntime, database);
    relations = new RelationStore(database, core.events);
    core.timeline.addProjection(relations);
    log = { error: fail, warn: fail } as unknown as Log;
    await database.transact(async (writer) => {
      nids.alice = await core.names.user(writer, people.alice);
      nids.bob = await core.names.user(writer, people.bob);
    });
    followed = await wired();
  });
  afterAll(() => core.database.close());

  function fail(): void {
    throw new Error('something was logged');
  }

  async function wired(): Promise<ClientDataWiring> {
    const access = new RoomAccess(core.names, core.heads, core.members, core.states);
    const visibility = new EventVisibility(core.states, core.heads, core.events, core.accounts);
    return wireClientData(core, { log, access, visibility, relations, deactivation: { onDeactivate() {} } });
  }

  async function makeRoom(): Promise<RoomNid> {
    const version = roomVersion('11') as RoomVersion;
    const roomId = `!room${++rooms}:test`;
    return core.database.transact(async (writer) => {
      const author = { sender: people.alice, senderNid: nids.alice };
      const created = await core.timeline.createIn(writer, version, roomId, {
        type: 'm.room.create',
        stateKey: '',
        content: { room_version: '11' },
        ...author,
      });
      let { head } = created;
      const add = async (type: string, stateKey: string, content: JsonObject, by = author): Promise<void> => {
        ({ head } = await core.timeline.appendIn(writer, head, { type, stateKey, content, ...by }));
      };
      await add('m.room.member', people.alice, { membership: 'join' });
      await add('m.room.join_rules', '', { join_rule: 'public' });
      await add('m.room.member', people.bob, { membership: 'join' }, { sender: people.bob, senderNid: nids.bob });
      return head.room;
    });
  }

  async function send(
    room: RoomNid,
    own: boolean,
    type: string,
    content: JsonObject,
    redacts?: string,
  ): Promise<string> {
    const author = own ? { sender: people.bob, senderNid: nids.bob } : { sender: people.alice, senderNid: nids.alice };
    return (
      await core.timeline.append(room, { type, content, ...author, ...(redacts === undefined ? {} : { redacts }) })
    ).eventId;
  }

  it('are the same however and whenever they are worked out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 40 }), async (steps) => {
        const room = await makeRoom();
        const roomId = await core.names.roomId(room);
        const bob = { userId: people.bob, user: nids.bob, device: undefined, token: 1 } as Requester;
        const root = await send(room, false, 'm.room.message', { body: 'root', msgtype: 'm.notice' });
        const sent: Sent[] = [{ eventId: root, own: false, thread: 'main', mention: false, redacted: true }];
        const read = { unthreaded: -1, threads: new Map<string, number>() };
        for (const one of steps) {
          const index = sent.length - 1 - ('back' in one ? Math.min(one.back, sent.length - 1) : 0);
          const target = sent[index] as Sent;
          if (one.kind === 'message') {
            const relation = one.thread ? { 'm.relates_to': { rel_type: 'm.thread', event_id: root } } : {};
            const body = one.mention ? 'hi bob' : 'hi';
            const eventId = await send(room, one.own, 'm.room.message', { body, msgtype: 'm.text', ...relation });
            sent.push({
              eventId,
              own: one.own,
              thread: one.thread ? root : 'main',
              mention: one.mention,
              redacted: false,
            });
          } else if (one.kind === 'read') {
            const thread = one.threaded ? target.thread : undefined;
            await followed.receipts.post(
              bob,
              roomId,
              one.isPrivate ? 'm.read.private' : 'm.read',
              target.eventId,
              thread,
            );
            if (thread === undefined) read.unthreaded = Math.max(read.unthreaded, index);
            else read.threads.set(thread, Math.max(read.threads.get(thread) ?? -1, index));
          } else if (one.kind === 'redact') {
            if (target.eventId === root) continue;
            await send(room, target.own, 'm.room.redaction', { redacts: target.eventId }, target.eventId);
            target.redacted = true;
          } else {
            expect(await answer(followed, room)).toEqual(expected(sent, read, root));
          }
        }
        expect(await answer(followed, room)).toEqual(expected(sent, read, root));
        expect(await answer(await wired(), room)).toEqual(expected(sent, read, root));
      }),
      { numRuns: 60 },
    );
  });

  async function answer({ sources }: ClientDataWiring, room: RoomNid): Promise<object> {
    const upTo = core.streams.current();
    // Two questions at a time take in the same events once.
    const [apart, together] = await Promise.all([
      sources.unread.counts(nids.bob, room, upTo, true),
      sources.unread.counts(nids.bob, room, upTo, false),
    ]);
    return { main: apart.main, threads: Object.fromEntries(apart.threads), total: together.main };
  }

  function expected(
    sent: readonly Sent[],
    read: { unthreaded: number; threads: ReadonlyMap<string, number> },
    root: string,
  ): object {
    const count = (thread: string): { notifications: number; highlights: number } => {
      const own = sent.findLastIndex((one) => one.own && one.thread === thread);
      const upTo = Math.max(read.unthreaded, read.threads.get(thread) ?? -1, own);
      const unread = sent.filter((one, index) => index > upTo && one.thread === thread && !one.redacted);
      return { notifications: unread.length, highlights: unread.filter((one) => one.mention).length };
    };
    const [main, inThread] = [count('main'), count(root)];
    return {
      main,
      threads: inThread.notifications > 0 ? { [root]: inThread } : {},
      total: {
        notifications: main.notifications + inThread.notifications,
        highlights: main.highlights + inThread.highlights,
      },
    };
  }
});
