import crypto, { type KeyObject } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

type Create = (source: unknown) => KeyObject;
type Sign = (algorithm: null, data: Buffer, key: KeyObject) => Buffer;
type Verify = (algorithm: null, data: Buffer, key: KeyObject, signature: Buffer) => boolean;

/** Answers that are remembered of each kind at most. */
const mostRemembered = 10_000;

/**
 * For as long as `run` takes, this process computes no Ed25519 key or signature twice: every server of a world checks the
 * signature that one of them has made, and that is a fifth of all their work. The answers are those of `node:crypto`; nothing
 * but the time depends on what was asked before. It stands in the place of `node:crypto` for the whole process, since the
 * protocol's functions are pure and take no ports.
 */
export async function rememberingSignatures<T>(run: () => Promise<T>): Promise<T> {
  const real = { ...pick() };
  const privateKeys = new Memo<KeyObject>();
  const publicKeys = new Memo<KeyObject>();
  const names = new WeakMap<KeyObject, string>();
  const publicOf = new WeakMap<KeyObject, KeyObject>();
  const signatures = new Memo<Buffer>();
  const verdicts = new Memo<boolean>();
  let keys = 0;
  const named = (key: KeyObject): KeyObject => {
    names.set(key, String(++keys));
    return key;
  };
  const textOf = (key: KeyObject, data: Buffer): string | undefined => {
    const name = names.get(key);
    return name === undefined ? undefined : `${name} ${data.toString('latin1')}`;
  };
  const createPublicKey: Create = (source) => {
    const der = derOf(source);
    if (der !== undefined) return publicKeys.get(der, () => named(real.createPublicKey(source)));
    const known = publicOf.get(source as KeyObject);
    if (known) return known;
    const made = real.createPublicKey(source);
    const exported = made.export({ format: 'der', type: 'spki' }).toString('latin1');
    const key = publicKeys.get(exported, () => named(made));
    publicOf.set(source as KeyObject, key);
    return key;
  };
  const createPrivateKey: Create = (source) => {
    const der = derOf(source);
    return der === undefined
      ? real.createPrivateKey(source)
      : privateKeys.get(der, () => named(real.createPrivateKey(source)));
  };
  const sign: Sign = (algorithm, data, key) => {
    const text = textOf(key, data);
    if (text === undefined) return real.sign(algorithm, data, key);
    const signature = signatures.get(text, () => real.sign(algorithm, data, key));
    // What a key has signed is a good signature by it.
    const checked = publicOf.get(key);
    if (checked) verdicts.get(`${textOf(checked, data)} ${signature.toString('latin1')}`, () => true);
    return signature;
  };
  const verify: Verify = (algorithm, data, key, signature) => {
    const text = textOf(key, data);
    if (text === undefined) return real.verify(algorithm, data, key, signature);
    return verdicts.get(`${text} ${signature.toString('latin1')}`, () => real.verify(algorithm, data, key, signature));
  };
  put({ createPrivateKey, createPublicKey, sign, verify });
  try {
    return await run();
  } finally {
    put(real);
  }
}

class Memo<Value> {
  readonly #known = new Map<string, Value>();

  get(text: string, find: () => Value): Value {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= mostRemembered) this.#known.clear();
    const found = find();
    this.#known.set(text, found);
    return found;
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
