import { randomString, systemRandom } from '@myelin/runtime';

/** A line of a signing key file: algorithm, name, seed in unpadded base64. */
export function signingKeyLine(
  seed: Uint8Array = systemRandom.bytes(32),
  name = `a_${randomString(systemRandom, 4)}`,
): string {
  return `ed25519 ${name} ${Buffer.from(seed).toString('base64').replace(/=+$/, '')}\n`;
}
