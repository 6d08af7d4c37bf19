import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeEventId, encodeEventId } from './event-id-code.ts';

const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];

it('hashes take their bytes, whatever else looks like one is kept as it is', () => {
  const digits = fc.array(fc.constantFrom(...alphabet), { minLength: 43, maxLength: 43 });
  fc.assert(
    fc.property(
      fc.oneof(
        digits.map((each) => `$${each.join('')}`),
        fc.string().map((each) => `$${each}`),
      ),
      (eventId) => {
        const bytes = encodeEventId(eventId);
        const isHash =
          /^\$[\w-]{43}$/.test(eventId) &&
          `$${Buffer.from(eventId.slice(1), 'base64url').toString('base64url')}` === eventId;
        expect(bytes.length === 32).toBe(isHash);
        fc.pre(!eventId.includes('\0') && eventId.isWellFormed());
        expect(decodeEventId(bytes)).toBe(eventId);
      },
    ),
  );
});

it('each last character of a hash is told apart', () => {
  const ids = alphabet.map((each) => `$${'a'.repeat(42)}${each}`);
  expect(new Set(ids.map((id) => Buffer.from(encodeEventId(id)).toString('hex'))).size).toBe(64);
  expect(ids.filter((id) => encodeEventId(id).length === 32)).toHaveLength(16);
  expect(ids.map((id) => decodeEventId(encodeEventId(id)))).toEqual(ids);
});
