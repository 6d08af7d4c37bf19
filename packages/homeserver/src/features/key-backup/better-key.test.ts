import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBetter } from './key-backups.ts';

const metadata = fc.record({
  isVerified: fc.boolean(),
  firstMessageIndex: fc.nat({ max: 3 }),
  forwardedCount: fc.nat({ max: 3 }),
});

test('which key stays does not depend on the order in which they come', () => {
  fc.assert(
    fc.property(fc.array(metadata, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (keys, order) => {
      const shuffled = keys
        .map((key) => ({ key, rank: order.next().value as number }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ key }) => key);
      const kept = (all: typeof keys) => all.reduce((old, key) => (isBetter(key, old) ? key : old));
      expect(kept(shuffled)).toEqual(kept(keys));
    }),
  );
});

test('no key is better than itself, and of two different ones one is', () => {
  fc.assert(
    fc.property(metadata, metadata, (a, b) => {
      const isSame =
        a.isVerified === b.isVerified &&
        a.firstMessageIndex === b.firstMessageIndex &&
        a.forwardedCount === b.forwardedCount;
      expect([isBetter(a, b), isBetter(b, a)].filter(Boolean)).toHaveLength(isSame ? 0 : 1);
    }),
  );
});
