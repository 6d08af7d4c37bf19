import crypto, { hash, type KeyObject } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

type Create = (source: unknown) => KeyObject;
type Sign = (algorithm: null, data: Buffer, key: KeyObject) => Buffer;
type Told = (error: null, isGood: boolean) => void;
type Verify = (algorithm: null, data: Buffer, key: KeyObject, signature: Buffer, told?: Told) => boolean | void;

/** Keys that are remembered of each kind at most. */
const mostRemembered = 10_000;

/** Keys by their bytes, and what is asked of them: the same in each world. */
const made = new Map<string, KeyObject>();
const publicOf = new WeakMap<KeyObject, KeyObject>();
const secrets = new WeakMap<KeyObject, string>();

/**
 * For as long as `run` takes, the Ed25519 signatures of this process are keyed hashes of the same length: each request and
 * each event of a world is signed by one and checked by all, which was a fifth of all their work. Keys are real ones, and all that
 * the servers do with signatures is the same; only somebody who knows this file could forge one. It stands in the place of
 * `node:crypto` for the whole process, since the protocol's functions are pure and take no ports.
 */
export async function withSimulatedSignatures<T>(run: () => Promise<T>): Promise<T> {
  const real = pick();
  const signed = new Map<string, { readonly secret: string; readonly data: Buffer }>();

  const remembered = (create: Create, source: unknown): KeyObject => {
    const der = derOf(source);
    if (der === undefined) return create(source);
    const known = made.get(der);
    if (known) return known;
    if (made.size >= mostRemembered) made.clear();
    const key = create(source);
    made.set(der, key);
    return key;
  };
  const createPrivateKey: Create = (source) => remembered(real.createPrivateKey, source);
  const createPublicKey: Create = (source) => {
    if (derOf(source) !== undefined) return remembered(real.createPublicKey, source);
    let key = publicOf.get(source as KeyObject);
    if (!key) {
      key = real.createPublicKey(source);
      // All that is asked of it, and each time that a server starts.
      const der = key.export({ format: 'der', type: 'spki' });
      key.export = () => der as never;
      publicOf.set(source as KeyObject, key);
    }
    return key;
  };
  /** The same for both keys of a pair. */
  const secretOf = (key: KeyObject): string => {
    let secret = secrets.get(key);
    if (!secret) {
      const shared = key.type === 'private' ? createPublicKey(key) : key;
      secrets.set(key, (secret = shared.export({ format: 'der', type: 'spki' }).toString('latin1')));
    }
    return secret;
  };
  const signatureOf = (secret: string, data: Buffer): Buffer =>
    // Without an object that has to be collected.
    hash('sha512', Buffer.concat([Buffer.from(secret, 'latin1'), data]), 'buffer');
  const sign: Sign = (_algorithm, data, key) => {
    const secret = secretOf(key);
    const signature = signatureOf(secret, data);
    signed.set(signature.toString('latin1'), { secret, data });
    return signature;
  };
  // What was signed is looked up, since a hash costs more: other signatures are of an earlier world, or bad.
  const verify: Verify = (_algorithm, data, key, signature, told) => {
    const known = signed.get(signature.toString('latin1'));
    const secret = secretOf(key);
    const isGood = known
      ? known.secret === secret && known.data.equals(data)
      : signature.equals(signatureOf(secret, data));
    if (!told) return isGood;
    queueMicrotask(() => told(null, isGood));
  };
  put({ createPrivateKey, createPublicKey, sign, verify });
  try {
    return await run();
  } finally {
    put(real);
  }
}

interface Parts {
  createPrivateKey: Create;
  createPublicKey: Create;
  sign: Sign;
  verify: Verify;
}

function pick(): Parts {
  const { createPrivateKey, createPublicKey, sign, verify } = crypto as unknown as Parts;
  return { createPrivateKey, createPublicKey, sign, verify };
}

function put(parts: Parts): void {
  Object.assign(crypto, parts);
  syncBuiltinESMExports();
}

/** The bytes of a key that is given as DER, or undefined. */
function derOf(source: unknown): string | undefined {
  const { key, format } = source as { key?: unknown; format?: unknown };
  return format === 'der' && Buffer.isBuffer(key) ? key.toString('latin1') : undefined;
}
