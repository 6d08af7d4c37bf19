import { createHash } from 'node:crypto';
import { randomString, type Random } from '@myelin/runtime';

export function newToken(random: Random, prefix: 'myt' | 'myr'): string {
  return `${prefix}_${randomString(random, 40)}`;
}

/** Tokens have 238 random bits, so a plain hash keeps them safe. */
export function tokenHash(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}
