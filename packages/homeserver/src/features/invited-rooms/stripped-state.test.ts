import { hashAndSignEvent, roomVersion, SigningKey, type JsonObject, type RoomVersion } from '@myelin/protocol';
import { describe, expect, it } from 'vitest';
import { checkStrippedState } from './stripped-state.ts';

const roomId = '!room:other.test';
const v11 = roomVersion('11') as RoomVersion;
const v12 = roomVersion('12') as RoomVersion;
const name = { type: 'm.room.name', state_key: '', sender: '@a:other.test', content: { name: 'Room' } };

function stateEvent(changes: JsonObject): JsonObject {
  return { ...name, ...changes };
}

describe('the stripped state of an invite', () => {
  it('is told without what clients need not know', () => {
    const whole = stateEvent({ room_id: roomId, auth_events: [], depth: 5, hashes: {}, signatures: {} });
    expect(checkStrippedState([whole], roomId, v11)).toEqual([
      '{"content":{"name":"Room"},"sender":"@a:other.test","state_key":"","type":"m.room.name"}',
    ]);
  });

  it.each<[string, unknown]>([
    ['no list', { 0: name }],
    ['null', null],
    ['not an object', ['text', 5, null, [name]]],
    ['no type', [stateEvent({ type: 5 })]],
    ['no state key', [{ type: 'm.room.name', sender: '@a:other.test', content: {} }]],
    ['a content that is no object', [stateEvent({ content: 'text' })]],
    ['a sender that is no user', [stateEvent({ sender: 'nobody' })]],
    ['a type that is too long', [stateEvent({ type: 'x'.repeat(256) })]],
    ['another room', [stateEvent({ room_id: '!another:other.test' })]],
    ['half a character', [stateEvent({ content: { name: '\ud800' } })]],
  ])('is left out where there is %s', (_, state) => {
    expect(checkStrippedState(state, roomId, v11)).toEqual([]);
  });

  it('loses what is bad, and nothing else', () => {
    expect(checkStrippedState([null, name, 'bad', stateEvent({ type: 'm.room.topic' })], roomId, v11)).toHaveLength(2);
  });

  it('has each key once', () => {
    expect(checkStrippedState([name, stateEvent({ content: { name: 'Other' } })], roomId, v11)).toHaveLength(1);
  });

  it('has bounds, in number and in size', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => stateEvent({ type: `t${i}` }));
    expect(checkStrippedState(many, roomId, v11)).toHaveLength(100);
    const large = Array.from({ length: 100 }, (_, i) =>
      stateEvent({ type: `t${i}`, content: { a: 'x'.repeat(100_000) } }),
    );
    expect(checkStrippedState(large, roomId, v11)).toHaveLength(1);
  });
});

describe('where the room id is made from the create event', () => {
  const key = new SigningKey('ed25519:a', new Uint8Array(32).fill(1));
  const signed = hashAndSignEvent(
    {
      type: 'm.room.create',
      state_key: '',
      sender: '@a:other.test',
      content: { room_version: '12' },
      depth: 1,
      origin_server_ts: 1,
      prev_events: [],
      auth_events: [],
    },
    v12,
    'other.test',
    key,
  );
  const room = `!${signed.eventId.slice(1)}`;

  it('that event is told whole', () => {
    expect(checkStrippedState([signed.event, name], room, v12)[0]).toBe(signed.text);
  });

  it.each<[string, unknown[]]>([
    ['missing', [name]],
    ['stripped', [{ type: 'm.room.create', state_key: '', sender: '@a:other.test', content: { room_version: '12' } }]],
    ['that of another room', [{ ...signed.event, origin_server_ts: 2 }]],
  ])('an invite is refused if that event is %s', (_, state) => {
    expect(() => checkStrippedState(state, room, v12)).toThrowError(
      expect.objectContaining({ code: 'M_INVALID_PARAM' }),
    );
  });
});
