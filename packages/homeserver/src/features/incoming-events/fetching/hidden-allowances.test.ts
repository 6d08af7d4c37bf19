import { ManualTime } from '@myelin/runtime/testing';
import { beforeEach, expect, it } from 'vitest';
import type { RoomNid } from '../../names/index.ts';
import { HiddenAllowances } from './hidden-allowances.ts';

const room = 1 as RoomNid;
const other = 2 as RoomNid;
const day = 24 * 3_600_000;
/** A megabyte with what is beside it. */
const megabyte = { json: 'x'.repeat(1024 * 1023) };

let time: ManualTime;
let hidden: HiddenAllowances;
beforeEach(() => {
  time = new ManualTime();
  const roomServers = { isInRoom: async (_room: RoomNid, server: string) => server.startsWith('in') };
  hidden = new HiddenAllowances({ clock: time, roomServers, serverName: 'here.test' });
});
const take = (server: string, of = room): Promise<void> => hidden.take(server, of, megabyte, 'not allowed');
const many = (count: number) => Array.from({ length: count }, () => megabyte);

it('a server that is in the room has a bound of its own, by the day', async () => {
  await hidden.charge('in.test', room, many(255));
  await take('in.test');
  await expect(take('in.test')).rejects.toThrow('not allowed');
  expect([await hidden.hasLeft('in2.test', room), await hidden.hasLeft('in.test', other)]).toEqual([true, true]);
  time.advance(day / 2);
  expect(await hidden.hasLeft('in.test', room)).toBe(true);
});

it('what was told beyond it lacks later', async () => {
  await hidden.charge('in.test', room, many(600));
  time.advance(day);
  expect(await hidden.hasLeft('in.test', room)).toBe(false);
  time.advance(day);
  expect(await hidden.hasLeft('in.test', room)).toBe(true);
});

it('servers that are not in a room have less, and all of them together not much more', async () => {
  for (let i = 0; i < 16; i++) {
    await take(`out${i}.test`);
    await take(`out${i}.test`);
    await expect(take(`out${i}.test`)).rejects.toThrow('not allowed');
  }
  expect(await hidden.hasLeft('new.test', room)).toBe(false);
  expect(await hidden.hasLeft('new.test', other)).toBe(true);
  expect(await hidden.hasLeft('in.test', room)).toBe(true);
});

it('nor in all rooms', async () => {
  for (let i = 0; i < 256; i++) await take(`out${i}.test`, (i + 10) as RoomNid);
  expect(await hidden.hasLeft('new.test', room)).toBe(false);
  expect(await hidden.hasLeft('in.test', room)).toBe(true);
});

it('what this server makes itself is not counted', async () => {
  await hidden.charge('here.test', room, many(600));
  expect(await hidden.hasLeft('here.test', room)).toBe(true);
});
