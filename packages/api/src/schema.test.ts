import * as fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { compileValidator } from './schema.ts';
import { count, jsonObject, mapOf, nullable, oneOf } from './shared.ts';

describe('what a validator says', () => {
  const body = compileValidator(
    Type.Object({
      room: Type.Object({ name: Type.String(), limit: Type.Optional(count) }),
      kind: Type.Optional(oneOf(['a', 'b'])),
      list: Type.Optional(Type.Array(Type.String(), { maxItems: 2 })),
      map: Type.Optional(mapOf(mapOf(Type.String()))),
      maybe: Type.Optional(nullable(Type.String())),
    }),
  );
  const room = { name: 'x' };

  test.each([
    [{}, { message: "'room' is missing", member: 'room', missing: true }],
    [{ room: {} }, { message: "'room.name' is missing", member: 'room.name', missing: true }],
    [{ room: { name: 1 } }, { message: "'room.name' must be a string", member: 'room.name', missing: false }],
    [{ room: null }, { message: "'room' must be an object", member: 'room', missing: false }],
    [{ room: [] }, { message: "'room' must be an object", member: 'room', missing: false }],
    [
      { room: { name: 'x', limit: 1.5 } },
      { message: "'room.limit' must be an integer", member: 'room.limit', missing: false },
    ],
    [
      { room: { name: 'x', limit: -1 } },
      { message: "'room.limit' must be at least 0", member: 'room.limit', missing: false },
    ],
    [
      { room, kind: 'c' },
      { message: "'kind' must be one of a, b", member: 'kind', missing: false },
    ],
    [
      { room, list: ['a', null] },
      { message: "'list.1' must be a string", member: 'list.1', missing: false },
    ],
    [
      { room, list: ['a', 'b', 'c'] },
      { message: "'list' is too long", member: 'list', missing: false },
    ],
    [
      { room, map: { 'a/b': { 'c~d': 3 } } },
      { message: "'map.a/b.c~d' must be a string", member: 'map.a/b.c~d', missing: false },
    ],
    [
      { room, maybe: 3 },
      { message: "'maybe' must be a string or null", member: 'maybe', missing: false },
    ],
    ['text', { message: 'The content must be an object', member: '', missing: false }],
    [null, { message: 'The content must be an object', member: '', missing: false }],
  ])('%j', (value, expected) => {
    expect(body(value)).toEqual(expected);
  });

  test('what fits passes, with members it does not know', () => {
    expect(
      body({ room: { name: '', more: 1 }, maybe: null, map: { a: { b: 'c' } }, 'org.example': {} }),
    ).toBeUndefined();
  });

  test('a name that a client chose is cut short, and no value is repeated', () => {
    const problem = body({ room, map: { ['k'.repeat(5000)]: 'secret' } });
    expect(problem?.message.length).toBeLessThan(160);
    expect(problem?.message).not.toContain('secret');
  });

  test('keys with line breaks or of odd names are checked like others', () => {
    for (const key of ['a\nb', '', '__proto__', 'constructor', '\u0000']) {
      expect(body(JSON.parse(`{"room":{"name":"x"},"map":{${JSON.stringify(key)}:5}}`))).toMatchObject({
        missing: false,
      });
    }
  });

  test('what an object inherits does not stand for a member that is missing', () => {
    const validate = compileValidator(Type.Object({ constructor: jsonObject, toString: Type.String() }));
    expect(validate({})).toMatchObject({ missing: true });
  });
});

describe('coercion of parameters', () => {
  const schema = Type.Object({
    limit: Type.Optional(count),
    ts: Type.Optional(Type.Integer()),
    full: Type.Optional(Type.Boolean()),
    via: Type.Optional(Type.Array(Type.String())),
    dir: Type.Optional(oneOf(['b', 'f'])),
    from: Type.Optional(Type.String()),
  });
  const query = compileValidator(schema, { coerce: true });

  test('text becomes what the schema asks for, in place', () => {
    const value: Record<string, unknown> = {
      limit: '10',
      ts: '-5',
      full: 'false',
      via: 'one',
      dir: 'b',
      from: '12',
      other: '1',
    };
    expect(query(value)).toBeUndefined();
    expect(value).toEqual({ limit: 10, ts: -5, full: false, via: ['one'], dir: 'b', from: '12', other: '1' });
  });

  test('repeated keys are a list where one is wanted, else the first counts', () => {
    const value = { via: ['a', 'b'], limit: ['3', '4'], from: ['x', 'y'] };
    expect(query(value)).toBeUndefined();
    expect(value).toEqual({ via: ['a', 'b'], limit: 3, from: 'x' });
  });

  test('absent members stay absent', () => {
    const value = {};
    expect(query(value)).toBeUndefined();
    expect(value).toEqual({});
  });

  test.each([
    '',
    ' 1',
    '1.0',
    '1e3',
    '0x10',
    'Infinity',
    'NaN',
    '9007199254740992',
    '99999999999999999999',
    '-1',
    'null',
  ])('limit=%j is refused', (limit) => expect(query({ limit })).toMatchObject({ member: 'limit', missing: false }));

  test.each(['', 'True', '1', '0', 'yes', 'null'])('full=%j is refused', (full) =>
    expect(query({ full })).toEqual({ message: "'full' must be true or false", member: 'full', missing: false }),
  );

  test('any exact integer survives, and anything that passes is one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger().map(String), fc.string(), fc.double().map(String)), (text) => {
        const value: { ts: unknown } = { ts: text };
        if (query(value) === undefined) expect(Number.isSafeInteger(value.ts)).toBe(true);
        else expect(/^-?(0|[1-9][0-9]{0,14})$/.test(text)).toBe(false);
      }),
    );
  });
});
