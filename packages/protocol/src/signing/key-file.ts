import { decodeBase64, encodeBase64 } from './base64.ts';

/** A line of a signing key file. */
export interface SigningKeySeed {
  /** `ed25519:` and the version. */
  readonly keyId: string;
  /** 32 bytes. */
  readonly seed: Uint8Array;
}

/**
 * Reads a signing key file as Synapse writes it: one key a line, `ed25519 a_xxxx SEED`, the seed in unpadded base64.
 * Throws an Error that names the line but nothing of what is in it.
 */
export function parseSigningKeyFile(text: string): SigningKeySeed[] {
  const keys: SigningKeySeed[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [algorithm, version, base64, ...rest] = line.trim().split(/[ \t]+/);
    const seed = base64 === undefined ? undefined : decodeBase64(base64);
    if (algorithm !== 'ed25519' || !version || rest.length > 0 || seed?.length !== 32) {
      throw new Error(`line ${index + 1} is not an ed25519 signing key ("ed25519 VERSION SEED")`);
    }
    keys.push({ keyId: `ed25519:${version}`, seed });
  }
  return keys;
}

/** The text of a signing key file. */
export function formatSigningKeyFile(keys: readonly SigningKeySeed[]): string {
  return keys.map(({ keyId, seed }) => `ed25519 ${keyId.slice('ed25519:'.length)} ${encodeBase64(seed)}\n`).join('');
}
