import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from './base64.ts';
import { VerifyKey } from './keys.ts';

/** A key, a signature and a text in bytes (hex), and what libsodium, with which most servers check, says of them. */
interface OddSignature {
  readonly what: string;
  readonly key: string;
  readonly signature: string;
  readonly text: string;
  readonly isGood: boolean;
}

const odd = JSON.parse(readFileSync(new URL('odd-signatures.json', import.meta.url), 'utf8')) as OddSignature[];

// Libraries differ in the signatures that only somebody hostile makes: points of small order, numbers beyond the group's order,
// other encodings of a point, the cofactor. An event that one server takes and another refuses would split a room for good.
describe('Ed25519 signatures of hostile servers are judged as others judge them', () => {
  it.each(odd)('$what: $isGood', ({ key, signature, text, isGood }) => {
    const verifyKey = VerifyKey.fromBase64(encodeBase64(Buffer.from(key, 'hex')));
    expect(verifyKey?.verify(text, encodeBase64(Buffer.from(signature, 'hex'))) ?? false).toBe(isGood);
  });
});
