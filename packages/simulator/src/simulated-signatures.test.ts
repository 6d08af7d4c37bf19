import { SigningKey, VerifyKey } from '@myelin/protocol';
import { describe, expect, it } from 'vitest';
import { withSimulatedSignatures } from './simulated-signatures.ts';

const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const keyOf = (key: SigningKey): VerifyKey => VerifyKey.fromBase64(key.publicKey) as VerifyKey;
const isGoodElsewhere = (key: VerifyKey, text: string, signature: string): Promise<boolean> =>
  new Promise((resolve, reject) =>
    key.verifyElsewhere(text, signature, (error, isGood) => (error ? reject(error) : resolve(isGood))),
  );

describe('signatures of simulated servers', () => {
  it('are good for the text and the key that they are of, and for nothing else', async () => {
    await withSimulatedSignatures(async () => {
      const [ours, theirs] = [new SigningKey('ed25519:a', seed(1)), new SigningKey('ed25519:a', seed(2))];
      const signature = ours.sign('text');
      expect(new SigningKey('ed25519:a', seed(1)).sign('text')).toBe(signature);
      expect(keyOf(ours).verify('text', signature)).toBe(true);
      expect(await isGoodElsewhere(keyOf(ours), 'text', signature)).toBe(true);
      expect(keyOf(ours).verify('texts', signature)).toBe(false);
      expect(await isGoodElsewhere(keyOf(ours), 'texts', signature)).toBe(false);
      expect(keyOf(theirs).verify('text', signature)).toBe(false);
      expect(keyOf(ours).verify('text', theirs.sign('text'))).toBe(false);
      expect(keyOf(ours).verify('text', signature.slice(0, -4))).toBe(false);
    });
  });

  it('of an earlier world are good in a later one, as they stand in rooms that are prepared for many', async () => {
    const signatureOf = (key: number): Promise<string> =>
      withSimulatedSignatures(async () => new SigningKey('ed25519:a', seed(key)).sign('text'));
    const [ours, theirs] = [await signatureOf(1), await signatureOf(2)];
    await withSimulatedSignatures(async () => {
      const key = keyOf(new SigningKey('ed25519:a', seed(1)));
      expect(key.verify('text', ours)).toBe(true);
      expect(await isGoodElsewhere(key, 'text', ours)).toBe(true);
      expect(key.verify('texts', ours)).toBe(false);
      expect(key.verify('text', theirs)).toBe(false);
    });
  });

  it('are real ones again afterwards, by keys that are the same', async () => {
    const real = new SigningKey('ed25519:a', seed(1));
    const simulated = await withSimulatedSignatures(async () => {
      const key = new SigningKey('ed25519:a', seed(1));
      return { publicKey: key.publicKey, signature: key.sign('text') };
    });
    expect(simulated.publicKey).toBe(real.publicKey);
    expect(keyOf(real).verify('text', simulated.signature)).toBe(false);
    expect(keyOf(real).verify('text', real.sign('text'))).toBe(true);
  });
});
