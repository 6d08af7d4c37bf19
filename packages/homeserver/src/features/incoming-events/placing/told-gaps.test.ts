import { expect, it } from 'vitest';
import type { RoomNid } from '../../names/index.ts';
import { ToldGaps } from './told-gaps.ts';

const room = 1 as RoomNid;

it('asks each server once for what is missing, and five in all', () => {
  const gaps = new ToldGaps();
  gaps.note(room, ['$one', '$two']);
  expect(gaps.toAsk(room, 's0.test')).toEqual(['$one', '$two']);
  expect(gaps.toAsk(room, 's0.test')).toEqual([]);
  gaps.close(room, '$one');
  for (const server of ['s1.test', 's2.test', 's3.test', 's4.test']) expect(gaps.toAsk(room, server)).toEqual(['$two']);
  expect(gaps.toAsk(room, 's5.test')).toEqual([]);
});

it('remembers twenty of a room', () => {
  const gaps = new ToldGaps();
  gaps.note(
    room,
    Array.from({ length: 30 }, (_, i) => `$${i}`),
  );
  expect(gaps.toAsk(room, 's0.test')).toHaveLength(20);
  expect(gaps.toAsk(2 as RoomNid, 's0.test')).toEqual([]);
});
