import { beforeEach, describe, expect, it } from 'vitest';
import type { RoomNid, UserNid } from '../names/index.ts';
import { RecentReceipts } from './recent-receipts.ts';
import type { Receipt } from './receipt.ts';

const room = 1 as RoomNid;
const receipt = (user: number, ofRoom = room): Receipt => ({
  room: ofRoom,
  user: user as UserNid,
  type: 'm.read',
  thread: undefined,
  eventId: `$${user}`,
  ts: 0,
});

describe('the newest receipts', () => {
  let position: number;
  let recent: RecentReceipts;
  beforeEach(() => {
    position = 10;
    recent = new RecentReceipts({ current: () => position });
  });

  const store = (user: number): void => recent.add(receipt(user), ++position);

  it('are remembered from the first question on', () => {
    const before = position;
    store(1);
    expect(recent.between(room, before, position)).toBeUndefined();
    const since = position;
    store(2);
    store(3);
    recent.add(receipt(4, 2 as RoomNid), ++position);
    expect(recent.between(room, before, position)).toBeUndefined();
    expect(recent.between(room, since, position)).toEqual([receipt(2), receipt(3)]);
    expect(recent.between(room, since, since + 1)).toEqual([receipt(2)]);
    expect(recent.between(room, position, position)).toEqual([]);
  });

  it('are in order, whatever order they were stored in', () => {
    recent.between(room, 0, 0);
    const since = position;
    recent.add(receipt(2), since + 2);
    recent.add(receipt(1), since + 1);
    expect(recent.between(room, since, since + 2)).toEqual([receipt(1), receipt(2)]);
  });

  it('are not missed where one was stored before the stream reached it', () => {
    const since = position;
    // Another transaction has the position before, and isn't done.
    recent.add(receipt(1), since + 2);
    expect(recent.between(room, since, since)).toBeUndefined();
    expect(recent.between(room, since, since + 2)).toBeUndefined();
  });

  it('are forgotten in the end', () => {
    recent.between(room, 0, 0);
    const since = position;
    for (let user = 1; user <= 300; user++) store(user);
    expect(recent.between(room, since, position)).toBeUndefined();
    expect(recent.between(room, position - 100, position)).toHaveLength(100);
  });
});
