import { randomBytes } from 'node:crypto';

/** Where randomness comes from. Real: the operating system's generator. Simulated: a seed. */
export interface Random {
  bytes(count: number): Uint8Array;
}

export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
};

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A string of `length` letters chosen evenly from `alphabet` (at most 256 letters). */
export function randomString(random: Random, length: number, alphabet: string = alphanumeric): string {
  const limit = 256 - (256 % alphabet.length);
  let out = '';
  while (out.length < length) {
    for (const byte of random.bytes(length - out.length + 8)) {
      if (byte < limit && out.length < length) out += alphabet[byte % alphabet.length];
    }
  }
  return out;
}

/** An evenly distributed number in [0, 1). */
export function randomFraction(random: Random): number {
  const bytes = random.bytes(6);
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value / 2 ** 48;
}
