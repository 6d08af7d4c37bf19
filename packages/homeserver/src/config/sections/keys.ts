import { join, resolve } from 'node:path';
import { ConfigError } from '../config-error.ts';
import { isMapping, type Mapping, type Values } from '../values.ts';
import { optionalPath, readNamedFile, secret, type Context } from './context.ts';

/** An ed25519 key of this server. */
export interface SigningKey {
  /** `ed25519:a_abcd` */
  readonly keyId: string;
  /** 32 bytes; secret. */
  readonly seed: Uint8Array;
}

export interface OldSigningKey {
  readonly keyId: string;
  /** Unpadded base64. */
  readonly publicKey: string;
  readonly expiredTs: number;
}

export interface KeysConfig {
  /** At least one; the first one signs events. */
  readonly signingKeys: readonly SigningKey[];
  /** Sign what this server says of the keys of others; the same as `signingKeys` unless others are configured. */
  readonly notaryKeys: readonly SigningKey[];
  /** Published as keys that are valid no more. */
  readonly oldSigningKeys: readonly OldSigningKey[];
  readonly keyRefreshIntervalMs: number;
  /** Signs the addresses of the consent page. */
  readonly formSecret: string | undefined;
  readonly trustedKeyServers: readonly TrustedKeyServer[];
}

export interface TrustedKeyServer {
  readonly serverName: string;
  /** Public keys (unpadded base64) by key id; undefined: those that the server itself shows. */
  readonly verifyKeys: Readonly<Record<string, string>> | undefined;
}

export function readKeys(context: Context, serverName: string): KeysConfig {
  const { values } = context;
  // Checked, not kept: what Synapse signs with it are random tokens here, stored hashed.
  secret(context, 'macaroon_secret_key');
  const signingKeys = readSigningKeys(context, serverName);
  return {
    signingKeys,
    notaryKeys: readNotaryKeys(context) ?? signingKeys,
    oldSigningKeys: values.entries('old_signing_keys').map(([keyId, old]) => readOldKey(keyId, old)),
    keyRefreshIntervalMs: values.duration('key_refresh_interval'),
    formSecret: secret(context, 'form_secret'),
    trustedKeyServers: readTrustedServers(values),
  };
}

/** The lines `ed25519 NAME SEED` of a key file; throws an Error that says what is wrong, without the seed. */
export function parseSigningKeys(text: string): SigningKey[] {
  const lines = text.split(/\r\n|[\r\n]/).filter((line) => line.trim() !== '');
  return lines.map((line, at) => {
    const [algorithm, version, seed, ...rest] = line.trim().split(/\s+/);
    if (version === undefined || seed === undefined || rest.length > 0) {
      throw new Error(`line ${at + 1}: expected "ed25519 NAME SEED"`);
    }
    if (algorithm !== 'ed25519') throw new Error(`line ${at + 1}: the algorithm isn't ed25519`);
    const bytes = Buffer.from(seed, 'base64');
    if (bytes.length !== 32) throw new Error(`line ${at + 1}: the seed isn't 32 bytes in base64`);
    if (isKnownSeed(bytes)) {
      throw new Error(
        `line ${at + 1}: this key is known to everybody; make another one with generate_signing_key, and list this one under old_signing_keys if it was used`,
      );
    }
    return { keyId: `${algorithm}:${version}`, seed: new Uint8Array(bytes) };
  });
}

/** The example key of the specification (Appendices, "Cryptographic Test Vectors"). */
const exampleSeed = 'YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1=';

/** Keys with which anybody could sign in the server's name: published ones, and those of a broken generator. */
function isKnownSeed(seed: Buffer): boolean {
  return seed.equals(Buffer.from(exampleSeed, 'base64')) || seed.every((byte) => byte === seed[0]);
}

/** Where the signing key file is. */
export function signingKeyPath(
  context: Pick<Context, 'values' | 'cwd' | 'configDirectory'>,
  serverName: string,
): string {
  const path = context.values.optionalString('signing_key_path');
  return path === undefined ? join(context.configDirectory, `${serverName}.signing.key`) : resolve(context.cwd, path);
}

function readNotaryKeys(context: Context): SigningKey[] | undefined {
  const option = 'key_server_signing_keys_path';
  const path = optionalPath(context, option);
  if (path === undefined) return undefined;
  try {
    const keys = parseSigningKeys(readNamedFile(context, option, path));
    if (keys.length > 0) return keys;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw context.values.fail(option, `the file ${path}: ${(error as Error).message}`);
  }
  throw context.values.fail(option, `the file ${path}: there is no key in it`);
}

function readSigningKeys(context: Context, serverName: string): SigningKey[] {
  const inline = context.values.optionalString('signing_key');
  const option = inline === undefined ? 'signing_key_path' : 'signing_key';
  const path = signingKeyPath(context, serverName);
  const text = inline ?? readNamedFile(context, option, path);
  const where = inline === undefined ? `the file ${path}: ` : '';
  try {
    const keys = parseSigningKeys(text);
    if (keys.length > 0) return keys;
  } catch (error) {
    throw context.values.fail(option, `${where}${(error as Error).message}`);
  }
  throw context.values.fail(option, `${where}there is no key in it`);
}

function readOldKey(keyId: string, values: Values): OldSigningKey {
  if (!/^ed25519:[A-Za-z0-9_]+$/.test(keyId))
    throw values.fail('key', `the key id ${keyId} isn't of the form ed25519:NAME`);
  const key = values.string('key');
  if (Buffer.from(key, 'base64').length !== 32) throw values.fail('key', "isn't 32 bytes in base64");
  return { keyId, publicKey: key.replace(/=+$/, ''), expiredTs: values.integer('expired_ts') };
}

/** `trusted_key_servers`, and the older `perspectives`, which also does away with the default. */
function readTrustedServers(values: Values): readonly TrustedKeyServer[] {
  const old = (values.mapping('perspectives')?.['servers'] ?? {}) as Readonly<Record<string, Mapping>>;
  const perspectives = Object.entries(old).map(([serverName, server]) => ({
    serverName,
    verifyKeys: keysOf(server?.['verify_keys']),
  }));
  if (perspectives.length > 0 && !values.has('trusted_key_servers')) return perspectives;
  const servers = (values.items('trusted_key_servers') ?? []).map((item) => {
    const server = { serverName: item.string('server_name'), verifyKeys: keysOf(item.mapping('verify_keys')) };
    checkIsTrustworthy(values, server, item.boolean('accept_keys_insecurely'));
    return server;
  });
  return [...servers, ...perspectives];
}

/** Without certificates and without keys of its own anybody could be the key server, and make up everybody's keys. */
function checkIsTrustworthy(values: Values, { serverName, verifyKeys }: TrustedKeyServer, insecurely: boolean): void {
  if (insecurely || values.boolean('federation_verify_certificates')) return;
  const keyIds = Object.keys(verifyKeys ?? {});
  if (keyIds.length > 0 && !(serverName === 'matrix.org' && keyIds.includes('ed25519:auto'))) return;
  throw values.fail(
    'trusted_key_servers',
    `names ${serverName}, whose answers nothing would vouch for while federation_verify_certificates is off; give its verify_keys, or set accept_keys_insecurely on it if that is what you want`,
  );
}

function keysOf(keys: unknown): Readonly<Record<string, string>> | undefined {
  if (!isMapping(keys)) return undefined;
  return Object.fromEntries(
    Object.entries(keys).map(([id, key]) => [id, String(isMapping(key) ? key['key'] : key).replace(/=+$/, '')]),
  );
}
