import { expect, it } from 'vitest';
import type { EventNid, RoomNid, UserNid } from '../names/index.ts';
import { LazyMemberMemory } from './lazy-members.ts';

const user = (nid: number): UserNid => nid as UserNid;
const event = (nid: number): EventNid => nid as EventNid;
const room = (nid: number): RoomNid => nid as RoomNid;

/** Tells a device of so many members of a room, in one answer. */
function tell(memory: LazyMemberMemory, key: string, since: number, members: number, where = room(1)): void {
  const session = memory.session(key, since);
  for (let i = 0; i < members; i++) session.of(where).add(user(i), event(i));
  session.answered(since + 1);
}

it('remembers what a device was sent that goes on from its last answer', () => {
  const memory = new LazyMemberMemory();
  tell(memory, 'a', 5, 3);
  const next = memory.session('a', 6).of(room(1));
  expect(next.has(user(1), event(1))).toBe(true);
  // The member has changed since.
  expect(next.has(user(1), event(9))).toBe(false);
  expect(memory.session('a', 6).of(room(2)).has(user(1), event(1))).toBe(false);
  expect(memory.session('b', 6).of(room(1)).has(user(1), event(1))).toBe(false);
});

it('starts anew for a device that goes on from elsewhere', () => {
  const memory = new LazyMemberMemory();
  for (const since of [5, 0]) {
    tell(memory, 'a', since, 3);
    expect(memory.session('a', 5).of(room(1)).has(user(1), event(1))).toBe(false);
  }
  tell(memory, 'a', -1, 3);
  expect(memory.session('a', 0).of(room(1)).has(user(1), event(1))).toBe(false);
});

it('forgets the first members of a room with very many', () => {
  const memory = new LazyMemberMemory();
  tell(memory, 'a', 5, 2_001);
  const next = memory.session('a', 6).of(room(1));
  expect(next.has(user(0), event(0))).toBe(false);
  expect(next.has(user(2_000), event(2_000))).toBe(true);
});

it('forgets everything of a device with very many', () => {
  const memory = new LazyMemberMemory();
  for (let i = 0; i < 26; i++) tell(memory, 'a', 5 + i, 2_000, room(i));
  const next = memory.session('a', 31);
  expect(next.of(room(0)).has(user(1), event(1))).toBe(false);
  expect(next.of(room(25)).has(user(1_999), event(1_999))).toBe(true);
});

it('forgets devices that were not seen for long when there are very many', () => {
  const memory = new LazyMemberMemory();
  for (let i = 0; i < 300; i++) tell(memory, `device ${i}`, 5, 2_000);
  expect(memory.session('device 0', 6).of(room(1)).has(user(1), event(1))).toBe(false);
  expect(memory.session('device 299', 6).of(room(1)).has(user(1), event(1))).toBe(true);
});
