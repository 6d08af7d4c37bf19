import { expect, it } from 'vitest';
import type { RoomNid } from '../../names/index.ts';
import { ToldGaps } from './told-gaps.ts';

const room = 1 as RoomNid;

it('asks each server once for what is missing but the one that told the state there, and five in all', () => {
  const gaps = new ToldGaps();
  gaps.note(room, ['$one', '$two'], 's0.test');
  expect(gaps.toAsk(room, 's0.test')).toEqual([]);
  expect(gaps.toAsk(room, 's1.test')).toEqual(['$one', '$two']);
  expect(gaps.toAsk(room, 's1.test')).toEqual([]);
  gaps.close(room, '$one');
  for (const server of ['s2.test', 's3.test', 's4.test']) expect(gaps.toAsk(room, server)).toEqual(['$two']);
  expect(gaps.toAsk(room, 's5.test')).toEqual([]);
});

it('remembers twenty of a room', () => {
  const gaps = new ToldGaps();
  gaps.note(
    room,
    Array.from({ length: 30 }, (_, i) => `$${i}`),
    's0.test',
  );
  expect(gaps.toAsk(room, 's1.test')).toHaveLength(20);
  expect(gaps.toAsk(2 as RoomNid, 's1.test')).toEqual([]);
});
