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

it('asks a server once more when what was missing before the event that it told has come', () => {
  const gaps = new ToldGaps();
  gaps.note(room, ['$one'], 's0.test');
  expect(gaps.toAsk(room, 's1.test')).toEqual(['$one']);
  gaps.noteLacking(room, '$one', 's1.test', ['$before', '$beside']);
  expect(gaps.lacking(room)).toEqual(['$before', '$beside']);
  gaps.foundLacking(room, new Set(['$before']));
  expect(gaps.toAsk(room, 's1.test')).toEqual([]);
  gaps.foundLacking(room, new Set(['$before', '$beside']));
  expect(gaps.lacking(room)).toEqual([]);
  expect(gaps.toAsk(room, 's0.test')).toEqual([]);
  expect(gaps.toAsk(room, 's1.test')).toEqual(['$one']);
  // It may have lied about what is before the event, and would be asked without end.
  gaps.noteLacking(room, '$one', 's1.test', ['$else']);
  expect(gaps.lacking(room)).toEqual([]);
});

it('remembers what is missing before five of a room, and twenty before each', () => {
  const gaps = new ToldGaps();
  const ids = Array.from({ length: 10 }, (_, i) => `$${i}`);
  gaps.note(room, ids, 's0.test');
  gaps.noteLacking(
    room,
    '$0',
    's1.test',
    Array.from({ length: 21 }, (_, i) => `$before${i}`),
  );
  expect(gaps.lacking(room)).toEqual([]);
  for (const id of ids) gaps.noteLacking(room, id, 's1.test', [`${id} before`]);
  expect(gaps.lacking(room)).toHaveLength(5);
});
