import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/value.ts';
import { compileRoomEventFilter, type FilteredEvent } from './event-filter.ts';
import { compileFilter } from './filter.ts';

const message: FilteredEvent = { type: 'm.room.message', sender: '@alice:one.test', roomId: '!r:one.test' };

function allows(filter: JsonObject, event: Partial<FilteredEvent> = {}): boolean {
  return compileRoomEventFilter(filter, 100).allows({ ...message, ...event });
}

describe('an event filter', () => {
  it.each<[JsonObject, boolean]>([
    [{}, true],
    [{ types: [] }, false],
    [{ types: ['m.room.message'] }, true],
    [{ types: ['m.room.*'] }, true],
    [{ types: ['m.*.message'] }, true],
    [{ types: ['*.mess'] }, false],
    [{ types: ['m.room.?essage'] }, false],
    [{ types: ['M.ROOM.MESSAGE'] }, false],
    [{ types: ['*'], not_types: ['m.room.message'] }, false],
    [{ not_types: ['*'] }, false],
    [{ senders: ['@alice:one.test'] }, true],
    [{ senders: ['@*'] }, false],
    [{ not_senders: ['@alice:one.test'], senders: ['@alice:one.test'] }, false],
    [{ rooms: ['!s:one.test'] }, false],
    [{ not_rooms: ['!r:one.test'] }, false],
  ])('%j: %j', (filter, expected) => {
    expect(allows(filter)).toBe(expected);
  });

  it('asks for the content only where it needs it', () => {
    const content = (): JsonObject => {
      throw new Error('asked');
    };
    expect(allows({ types: ['m.*'], limit: 5, lazy_load_members: true }, { content })).toBe(true);
    expect(() => allows({ contains_url: true }, { content })).toThrow('asked');
    expect(allows({ contains_url: true, not_types: ['*'] }, { content })).toBe(false);
  });

  it('knows events with a url', () => {
    const withUrl = { content: (): JsonObject => ({ url: 'mxc://one.test/a' }) };
    const without = { content: (): JsonObject => ({ body: 'x' }) };
    expect([allows({ contains_url: true }, withUrl), allows({ contains_url: true }, without)]).toEqual([true, false]);
    expect([allows({ contains_url: false }, withUrl), allows({ contains_url: false }, without)]).toEqual([false, true]);
    expect(allows({ contains_url: true }, { content: () => undefined })).toBe(false);
  });

  it('knows events that others relate to', () => {
    const relations = (): { relType: string; sender: string }[] => [
      { relType: 'm.thread', sender: '@bob:two.test' },
      { relType: 'm.annotation', sender: '@carol:two.test' },
    ];
    expect(allows({ related_by_rel_types: ['m.thread'] }, { relations })).toBe(true);
    expect(allows({ related_by_senders: ['@carol:two.test'] }, { relations })).toBe(true);
    const both = { related_by_senders: ['@carol:two.test'], related_by_rel_types: ['m.thread'] };
    expect(allows(both, { relations })).toBe(false);
    expect(allows({ related_by_rel_types: ['m.thread'] })).toBe(false);
  });

  it('tells what a query may ask for', () => {
    const filterOf = (filter: JsonObject) => compileRoomEventFilter(filter, 100);
    expect(filterOf({ types: ['a', 'b'], not_types: ['b'] }).types.candidates).toEqual(['a']);
    expect(filterOf({ types: ['a*'] }).types.candidates).toBeUndefined();
    expect(filterOf({ types: [] }).allowsNothing).toBe(true);
    expect(filterOf({ not_types: ['**'] }).allowsNothing).toBe(true);
    expect(filterOf({ not_types: ['a*'] }).allowsNothing).toBe(false);
    expect(filterOf({ limit: 3 }).allowsEverything).toBe(true);
    expect(filterOf({ contains_url: false }).allowsEverything).toBe(false);
  });

  it('keeps the limit within the maximum', () => {
    expect(
      [{}, { limit: 0 }, { limit: 20 }, { limit: 1e9 }].map((filter) => compileRoomEventFilter(filter, 100).limit),
    ).toEqual([10, 0, 20, 100]);
  });
});

describe('a filter of sync', () => {
  it('has the defaults of the specification', () => {
    expect(compileFilter({})).toMatchObject({
      includeLeave: false,
      lazyLoadMembers: false,
      includeRedundantMembers: false,
      unreadThreadNotifications: false,
      eventFormat: 'client',
      eventFields: undefined,
    });
  });

  it('has its parts', () => {
    const filter = compileFilter({
      room: {
        rooms: ['!r:one.test'],
        include_leave: true,
        state: { lazy_load_members: true, include_redundant_members: true },
        timeline: { limit: 500, unread_thread_notifications: true },
      },
      event_format: 'federation',
    });
    expect(filter.rooms.allows('!s:one.test')).toBe(false);
    expect(filter.timeline.limit).toBe(100);
    expect(filter).toMatchObject({
      includeLeave: true,
      lazyLoadMembers: true,
      includeRedundantMembers: true,
      unreadThreadNotifications: true,
      eventFormat: 'federation',
    });
  });

  it('picks fields of events', () => {
    const event = {
      type: 'm.room.message',
      content: { body: 'x', 'm.relates_to': { rel_type: 'a', key: 'b' } },
      sender: '@a:b',
    };
    const pick = (...fields: string[]) => compileFilter({ event_fields: fields }).eventFields?.(event);
    expect(pick('content.body', 'type')).toEqual({ content: { body: 'x' }, type: 'm.room.message' });
    expect(pick('content.m\\.relates_to.key', 'content.none', 'none')).toEqual({
      content: { 'm.relates_to': { key: 'b' } },
    });
    expect(pick('content', 'content.body')).toEqual({ content: event.content });
    expect(pick('content.body', 'content')).toEqual({ content: event.content });
    expect(pick('__proto__', 'sender.length')).toEqual({});
  });
});
