import { MatrixError } from '@myelin/api';
import { describe, expect, test } from 'vitest';
import { Passwords } from './passwords.ts';

describe('passwords', () => {
  const passwords = new Passwords({ bcryptRounds: 4, pepper: '' });
  const peppered = new Passwords({ bcryptRounds: 4, pepper: 'a pepper' });

  // As Synapse 1.163 hashes with the pepper `a pepper` and cost 4: NFKC, then the first 72 bytes of both together.
  const fromSynapse = [
    ['secret', '$2b$04$Hoj71263RJdjtrMqAl2LpuTD5coBuSnWhWSkM/UNytCsGxoQ9C3ZG'],
    ['p\u00e4ssw\u00f6rt \u212b', '$2b$04$Yt73NhCXu.cb9ADBIMLiI.GWl3TixRNvVkRDA81TTM0XG55mFZ4bC'],
    ['\u{1f4a5}', '$2b$04$mKY9FGmxnfx.1He7me59De1wCHesTdswfqobTiBK3OEMzhL9j7tr2'],
  ] as const;

  test.each(fromSynapse)("%j fits Synapse's hash", async (password, hash) => {
    expect(await peppered.verify(password, hash)).toBe(true);
    expect(await passwords.verify(password, hash)).toBe(false);
    expect(await peppered.verify(`${password}x`, hash)).toBe(false);
  });

  test('of a long one the first 72 bytes count', async () => {
    const hash = '$2b$04$DA/VIgeWhP8d8Cd7SJzo/OQw4WSPJtZFPkrnU0yFXxZjl5NzxFO/e';
    expect(await peppered.verify('x'.repeat(100), hash)).toBe(true);
    expect(await passwords.verify('x'.repeat(72), hash)).toBe(true);
    expect(await passwords.verify('x'.repeat(71), hash)).toBe(false);
  });

  test('what was hashed fits, and nothing else', async () => {
    const hash = await peppered.hash('correct horse');
    expect(hash).toMatch(/^\$2b\$04\$/);
    expect(await peppered.verify('correct horse', hash)).toBe(true);
    expect(await peppered.verify('correct hors', hash)).toBe(false);
    expect(await passwords.verify('correct horse', hash)).toBe(false);
  });

  test('nothing fits where there is no hash, or something else than a hash', async () => {
    for (const hash of [undefined, '', 'plain', '$2b$04$tooshort']) {
      expect(await passwords.verify('', hash)).toBe(false);
      expect(await passwords.verify('plain', hash)).toBe(false);
    }
  });

  test('more than can wait are refused', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 150 }, async () => passwords.hash('x')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(48);
    expect(refused.every(({ reason }) => reason instanceof MatrixError && reason.code === 'M_LIMIT_EXCEEDED')).toBe(
      true,
    );
    await passwords.hash('there is room again');
  });
});
