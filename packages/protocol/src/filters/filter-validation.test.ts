import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../json/value.ts';
import { faultOfFilter, faultOfRoomEventFilter, filterLimits } from './filter-validation.ts';

describe('a filter', () => {
  it.each<[string, JsonValue]>([
    ['empty', {}],
    ['with members that nobody knows', { x: 1, room: { y: [], timeline: { z: null } } }],
    ['with a limit of 0, as clients send it', { room: { timeline: { limit: 0 } } }],
    ['with a room of version 12', { room: { rooms: ['!wcYYkr4nBvTTkqodLHUsgzaZjRZlR7ObIxMYa7WTFIw'] } }],
    ['of the usual kind', { room: { state: { lazy_load_members: true, types: ['m.room.*'] }, include_leave: true } }],
  ])('is valid: %s', (_, filter) => {
    expect(faultOfFilter(filter)).toBeUndefined();
  });

  it.each<[JsonValue, string]>([
    [5, 'must be an object'],
    [{ room: [] }, 'room: must be an object'],
    [{ room: { timeline: { limit: -1 } } }, 'room: timeline: limit: must be an integer'],
    [{ presence: { limit: 1.5 } }, 'presence: limit: must be an integer'],
    [{ presence: { limit: 1e300 } }, 'limit'],
    [{ event_format: 'xml' }, 'event_format'],
    [{ event_fields: [1] }, 'event_fields: must be a list of strings'],
    [{ room: { state: { lazy_load_members: 'yes' } } }, 'lazy_load_members: must be true or false'],
    [{ room: { rooms: ['*'] } }, 'rooms: must be a list of room ids'],
    [{ account_data: { not_senders: ['@alice'] } }, 'not_senders: must be a list of user ids'],
    [{ presence: { types: ['a'.repeat(filterLimits.entry + 1)] } }, 'too long'],
    [{ presence: { types: Array.from({ length: filterLimits.listEntries + 1 }, () => 'a') } }, 'too many entries'],
    [{ x: 'a'.repeat(filterLimits.text) }, 'too large'],
  ])('is refused: %#', (filter, fault) => {
    expect(faultOfFilter(filter)).toContain(fault);
  });

  it('for one room is checked as one', () => {
    expect(faultOfRoomEventFilter({ contains_url: true, limit: 5 })).toBeUndefined();
    expect(faultOfRoomEventFilter({ contains_url: 1 })).toContain('contains_url');
  });
});
