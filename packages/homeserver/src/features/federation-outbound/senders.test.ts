import { ManualTime } from '@myelin/runtime/testing';
import { describe, expect, it } from 'vitest';
import type { RoomNid, UserNid } from '../names/index.ts';
import type { Change } from '../streams/index.ts';
import type { Edu } from './edu-sender.ts';
import { noOutboundMetrics } from './outbound-metrics.ts';
import { PresenceSender } from './presence-sender.ts';
import { ReceiptSender } from './receipt-sender.ts';
import { TypingSender } from './typing-sender.ts';

const room = 7 as RoomNid;
const localRoom = 8 as RoomNid;
const log = { warn() {} } as never;

interface Sent {
  readonly to: readonly string[];
  readonly edu: Edu;
  readonly replaces: string | undefined;
}

/** What senders stand on. Users below 100 are this server's. */
function world(servers: readonly string[] = ['one.test', 'two.test']) {
  const time = new ManualTime();
  const sent: Sent[] = [];
  const userId = (user: number): string => `@u${user}:${user < 100 ? 'here.test' : 'one.test'}`;
  return {
    time,
    sent,
    parts: {
      serverName: 'here.test',
      clock: time,
      timers: time,
      log,
      names: {
        roomId: async (of: RoomNid) => `!${of}:here.test`,
        userId: async (user: UserNid) => userId(user),
        userIds: async (users: Iterable<UserNid>) => new Map([...users].map((user) => [user, userId(user)])),
      },
      servers: {
        isFederated: (of: RoomNid) => of === room,
        othersInRoom: async (of: RoomNid) => new Set(of === room ? servers : []),
      },
      edus: {
        sendSoon: (to: Iterable<string>, edu: Edu, replaces?: string) => sent.push({ to: [...to], edu, replaces }),
      } as never,
    },
  };
}

/** Until promises have done what they can. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe('typing', () => {
  const alice = { user: 1 as UserNid, userId: '@u1:here.test' };

  it('is said again while it goes on, since others forget it', async () => {
    const { time, sent, parts } = world();
    const sender = new TypingSender(parts);
    sender.changed(room, alice, true);
    await settled();
    time.advance(90_000);
    await settled();
    expect(sent).toHaveLength(3);
    sender.changed(room, alice, false);
    await settled();
    time.advance(600_000);
    await settled();
    expect(sent).toHaveLength(4);
    expect(sent.map(({ edu }) => edu.content['typing'])).toEqual([true, true, true, false]);
    expect(sent[0]).toMatchObject({
      to: ['one.test', 'two.test'],
      edu: { edu_type: 'm.typing', content: { room_id: '!7:here.test', user_id: '@u1:here.test' } },
    });
    expect(new Set(sent.map(({ replaces }) => replaces)).size).toBe(1);
    expect(time.waiting).toBe(0);
  });

  it('of others, and in rooms where no others are, is not sent', async () => {
    const { time, sent, parts } = world();
    const sender = new TypingSender(parts);
    sender.changed(room, { user: 100 as UserNid, userId: '@u100:one.test' }, true);
    sender.changed(localRoom, alice, true);
    await settled();
    expect(sent).toEqual([]);
    expect(time.waiting).toBe(0);
  });
});

describe('receipts', () => {
  const receipt = (user: number, eventId: string, thread?: string, of: RoomNid = room) => ({
    room: of,
    user: user as UserNid,
    type: 'm.read',
    thread,
    eventId,
    ts: 5,
  });

  /** Moves a receipt in a transaction that is durable at once. */
  const move = async (sender: ReceiptSender, ...args: Parameters<typeof receipt>): Promise<void> => {
    let durable = (): void => {};
    await sender.moved({ onDurable: (task: () => void) => (durable = task) } as never, receipt(...args));
    durable();
    await settled();
  };

  it('the first goes out at once, those that follow wait together, as long as the servers are many', async () => {
    const { time, sent, parts } = world(Array.from({ length: 100 }, (_, i) => `s${i}.test`));
    const sender = new ReceiptSender({ ...parts, transactionsPerSecond: 50 });
    await move(sender, 1, '$a');
    expect(sent).toHaveLength(1);
    for (let i = 0; i < 30; i++) await move(sender, 1 + (i % 3), `$${i}`);
    time.advance(1_900);
    await settled();
    expect(sent).toHaveLength(1);
    time.advance(200);
    await settled();
    expect(sent).toHaveLength(2);
    expect(sent[1]?.edu.content).toEqual({
      '!7:here.test': {
        'm.read': {
          '@u1:here.test': { event_ids: ['$27'], data: { ts: 5 } },
          '@u2:here.test': { event_ids: ['$28'], data: { ts: 5 } },
          '@u3:here.test': { event_ids: ['$29'], data: { ts: 5 } },
        },
      },
    });
    time.advance(10_000);
    await settled();
    expect(time.waiting).toBe(0);
    await move(sender, 1, '$later');
    expect(sent).toHaveLength(3);
  });

  it('of several threads go in several EDUs', async () => {
    const { time, sent, parts } = world();
    const sender = new ReceiptSender({ ...parts, transactionsPerSecond: 50 });
    await move(sender, 1, '$a');
    await move(sender, 1, '$b', 'main');
    await move(sender, 1, '$c', '$root');
    await move(sender, 2, '$d', '$root');
    time.advance(100);
    await settled();
    const read = sent.slice(1).map(({ edu }) => (edu.content['!7:here.test'] as never)['m.read']);
    expect(read).toEqual([
      {
        '@u1:here.test': { event_ids: ['$b'], data: { ts: 5, thread_id: 'main' } },
        '@u2:here.test': { event_ids: ['$d'], data: { ts: 5, thread_id: '$root' } },
      },
      { '@u1:here.test': { event_ids: ['$c'], data: { ts: 5, thread_id: '$root' } } },
    ]);
  });

  it('of which too many wait lose the oldest', async () => {
    const { time, sent, parts } = world();
    const sender = new ReceiptSender({ ...parts, transactionsPerSecond: 50 });
    await move(sender, 1, '$first');
    for (let user = 2; user <= 1_502; user++) await move(sender, user, `$${user}`);
    time.advance(1_000);
    await settled();
    const read = sent.slice(1).flatMap(({ edu }) => Object.values((edu.content['!7:here.test'] as never)['m.read']));
    const expected = Array.from({ length: 1_000 }, (_, i) => ({ event_ids: [`$${i + 503}`], data: { ts: 5 } }));
    expect(read).toEqual(expected);
    sender.stop();
    expect(time.waiting).toBe(0);
  });

  it('that are private, that are not durable, or of rooms where no others are, are not sent', async () => {
    const { time, sent, parts } = world();
    const sender = new ReceiptSender({ ...parts, transactionsPerSecond: 50 });
    await sender.moved({ onDurable() {} } as never, receipt(1, '$a'));
    await move(sender, 1, '$a', undefined, localRoom);
    const tasks: (() => void)[] = [];
    const writer = { onDurable: (task: () => void) => tasks.push(task) } as never;
    await sender.moved(writer, { ...receipt(1, '$a'), type: 'm.read.private' });
    for (const task of tasks) task();
    await settled();
    expect(sent).toEqual([]);
    expect(time.waiting).toBe(0);
  });
});

describe('presence', () => {
  function start() {
    const base = world();
    const here = new Set([1, 2, 30]);
    const joined = new Map<number, number[]>([
      [1, [room, localRoom]],
      [2, [localRoom]],
      [100, [room]],
    ]);
    let shows = true;
    let tell: (change: Change) => void = () => {};
    const sender = new PresenceSender({
      ...base.parts,
      timers: { ...base.time, every: base.time.every.bind(base.time), soon: (task: () => void) => task() } as never,
      members: {
        joinedRooms: async (user: number) => (joined.get(user) ?? []) as never,
        joinedUsers: async (of: number) =>
          new Set([...joined].filter(([, rooms]) => rooms.includes(of)).map(([user]) => user)) as never,
      },
      streams: { subscribe: (listener) => ((tell = (change) => listener(change, 1)), () => (tell = () => {})) },
      presence: {
        localContent: (user) => (user < 100 ? { presence: 'online' } : undefined),
        localUsersHere: () => [...here] as UserNid[],
        showsPresence: async () => shows,
      },
      metrics: noOutboundMetrics,
    });
    return {
      ...base,
      sender,
      hide: () => (shows = false),
      tell: async (change: Change) => {
        tell(change);
        await settled();
      },
    };
  }

  it('of local users goes to the servers that share rooms, once a change', async () => {
    const { sent, tell } = start();
    await tell({ kind: 'presence', user: 1 as UserNid });
    await tell({ kind: 'presence', user: 2 as UserNid });
    await tell({ kind: 'presence', user: 100 as UserNid });
    expect(sent.filter(({ to }) => to.length > 0)).toEqual([
      {
        to: ['one.test', 'two.test'],
        edu: { edu_type: 'm.presence', content: { push: [{ presence: 'online', user_id: '@u1:here.test' }] } },
        replaces: 'presence @u1:here.test',
      },
    ]);
  });

  it('is told to a server that comes, and to those of a room that a user joins', async () => {
    const { sent, sender, tell } = start();
    await sender.serverCame(room, 'new.test');
    await tell({ kind: 'event', room, event: 1 as never, users: [1 as UserNid] });
    await tell({ kind: 'event', room: localRoom, event: 1 as never, users: [2 as UserNid] });
    expect(sent.map(({ to }) => to)).toEqual([['new.test'], ['one.test', 'two.test']]);
  });

  it('is said again within half an hour, since others forget it', async () => {
    const { time, sent, sender } = start();
    time.advance(25 * 60_000);
    await settled();
    expect(sent.filter(({ to }) => to.length > 0).map(({ replaces }) => replaces)).toEqual(['presence @u1:here.test']);
    sender.stop();
    expect(time.waiting).toBe(0);
  });

  it('stays in rooms that do not show it', async () => {
    const { sent, sender, tell, hide } = start();
    hide();
    await sender.serverCame(room, 'new.test');
    await tell({ kind: 'presence', user: 1 as UserNid });
    expect(sent.filter(({ to }) => to.length > 0)).toEqual([]);
  });
});
