import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { decodeBase64, encodeBase64 } from './base64.ts';

// ASN.1 headers (RFC 8410) in front of a raw Ed25519 seed or public key.
const privateKeyHeader = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicKeyHeader = Buffer.from('302a300506032b6570032100', 'hex');

/** An Ed25519 key that this server signs with. */
export class SigningKey {
  /** `ed25519:` and the version. */
  readonly keyId: string;
  /** Unpadded base64. */
  readonly publicKey: string;
  readonly #key: KeyObject;

  /** `keyId` as `ed25519:a_xxxx`; the seed has 32 bytes. Throws a RangeError on anything else. */
  constructor(keyId: string, seed: Uint8Array) {
    if (!isEd25519KeyId(keyId)) throw new RangeError(`not an ed25519 key id: ${keyId}`);
    if (seed.length !== 32) throw new RangeError('a signing key is made from 32 bytes');
    this.keyId = keyId;
    this.#key = createPrivateKey({ key: Buffer.concat([privateKeyHeader, seed]), format: 'der', type: 'pkcs8' });
    const der = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.publicKey = encodeBase64(der.subarray(publicKeyHeader.length));
  }

  /** Signs a text, or its UTF-8; unpadded base64. */
  sign(text: string | Uint8Array): string {
    return encodeBase64(sign(null, utf8Of(text), this.#key));
  }
}

/** An Ed25519 key that signatures of others are checked with. */
export class VerifyKey {
  readonly #key: KeyObject;

  private constructor(key: KeyObject) {
    this.#key = key;
  }

  /** From a base64 public key; undefined if it isn't one. */
  static fromBase64(publicKey: string): VerifyKey | undefined {
    const bytes = decodeBase64(publicKey);
    if (bytes?.length !== 32) return undefined;
    try {
      return new VerifyKey(
        createPublicKey({ key: Buffer.concat([publicKeyHeader, bytes]), format: 'der', type: 'spki' }),
      );
    } catch {
      return undefined;
    }
  }

  /** Whether the base64 signature is a good one of the text, or of its UTF-8. */
  verify(text: string | Uint8Array, signature: string): boolean {
    const bytes = decodeBase64(signature);
    return bytes?.length === 64 && verify(null, utf8Of(text), this.#key, bytes);
  }

  /**
   * As `verify`, by another thread, which tells what it found; an error says that it couldn't be found out. No promise, since
   * whoever has many signatures checked waits for all of them at once.
   */
  verifyElsewhere(
    text: string | Uint8Array,
    signature: string,
    tell: (error: Error | null, isGood: boolean) => void,
  ): void {
    const bytes = decodeBase64(signature);
    if (bytes?.length !== 64) tell(null, false);
    else verify(null, utf8Of(text), this.#key, bytes, tell);
  }
}

function utf8Of(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text) : text;
}

/** Whether a key id names the one algorithm that there is. */
export function isEd25519KeyId(keyId: string): boolean {
  return keyId.startsWith('ed25519:');
}
