import { describe, expect, test } from 'vitest';
import { Specification } from './specification.ts';

const specification = new Specification();

function check(operation: string, status: number, body: unknown, contentType = 'application/json'): string[] {
  return specification.checkAnswer(specification.operation(operation)!, { status, body, contentType });
}

describe('the schemas of the specification', () => {
  test('all compile', () => {
    for (const operation of specification.operations) {
      for (const status of Object.keys(operation.responses)) {
        const answer = { status: Number(status.replaceAll('X', '0')), body: {}, contentType: 'application/json' };
        expect(() => specification.checkAnswer(operation, answer)).not.toThrow();
      }
      for (const content of Object.values(operation.requestBody?.content ?? {})) {
        expect(() => specification.checkSchema(content.schema, {})).not.toThrow();
      }
    }
  });

  test('hold right answers and refuse wrong ones', () => {
    expect(check('sendMessage', 200, { event_id: '$abc' })).toEqual([]);
    expect(check('sendMessage', 200, {})).toEqual(["the body must have required property 'event_id'"]);
    expect(check('sendMessage', 200, { event_id: 'abc' })).not.toEqual([]);
    expect(check('sendMessage', 200, { event_id: '$abc' }, 'text/plain')).toEqual([
      'content type is text/plain, not application/json',
    ]);
    expect(check('sendMessage', 204, undefined)).toEqual(['the specification lists no answer 204 for sendMessage']);
    expect(
      check('sync', 200, { next_batch: 's1', rooms: { join: { '!a:b': { timeline: { events: [{}] } } } } }),
    ).not.toEqual([]);
  });

  test('errors have the standard shape, listed or not', () => {
    expect(check('sendMessage', 403, { errcode: 'M_FORBIDDEN', error: 'No' })).toEqual([]);
    expect(check('sendMessage', 403, { errcode: 'M_FORBIDDEN' })).not.toEqual([]);
    expect(check('sendMessage', 500, { message: 'Oops' })).not.toEqual([]);
    expect(check('sendMessage', 500, '<html>', 'text/html')).not.toEqual([]);
    expect(check('sendMessage', 418, { errcode: 'forbidden', error: 'No' })).not.toEqual([]);
    expect(check('login', 429, { errcode: 'M_UNKNOWN', error: 'Slow down' })).toContain('429 without M_LIMIT_EXCEEDED');
  });

  test('a 401 is either a step of authentication or an error', () => {
    expect(check('changePassword', 401, { flows: [{ stages: ['m.login.password'] }], session: 'x' })).toEqual([]);
    expect(check('changePassword', 401, { errcode: 'M_UNKNOWN_TOKEN', error: 'Unknown token' })).toEqual([]);
    expect(check('changePassword', 401, { session: 'x' })).not.toEqual([]);
  });

  test('a request is matched to its operation in any version', () => {
    expect(specification.match('PUT', '/_matrix/client/v3/rooms/!a:b/send/m.room.message/1')?.id).toBe('sendMessage');
    expect(specification.match('PUT', '/_matrix/client/r0/rooms/!a:b/send/m.room.message/1')?.id).toBe('sendMessage');
    expect(specification.match('GET', '/_matrix/client/v3/rooms/!a:b/state/m.room.name/')?.id).toBe(
      'getRoomStateWithKey',
    );
    expect(specification.match('GET', '/_matrix/client/versions')?.id).toBe('getVersions');
    expect(specification.match('GET', '/_synapse/admin/v1/register')).toBeUndefined();
  });

  test('events are checked by type', () => {
    expect(specification.checkEvent('m.room.name', { type: 'm.room.name', content: {} })).not.toEqual([]);
    expect(specification.checkEvent('org.example.unknown', {})).toEqual([]);
  });
});
