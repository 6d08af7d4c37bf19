import { Buffer } from 'node:buffer';

/** The last character carries four bits only: an id that says more than its bytes is kept as text. */
const hashId = /^\$[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/**
 * Event ids as they are stored: ids that are URL-safe hashes (room version 4 and up) take 32 bytes, others their UTF-8
 * bytes behind a zero byte (so that no id of one form looks like one of the other: 33 bytes and more).
 */
export function encodeEventId(eventId: string): Uint8Array {
  if (hashId.test(eventId)) return Buffer.from(eventId.slice(1), 'base64url');
  const text = Buffer.from(eventId, 'utf8');
  const out = Buffer.alloc(Math.max(33, text.length + 1));
  text.copy(out, 1);
  return out;
}

export function decodeEventId(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length === 32) return `$${buffer.toString('base64url')}`;
  const end = buffer.indexOf(0, 1);
  return buffer.toString('utf8', 1, end < 0 || buffer.length > 33 ? buffer.length : end);
}
