import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { MinHeap } from './min-heap.ts';

interface Item {
  readonly rank: number;
  readonly order: number;
}

it('gives what comes before all others that are in it, whatever was taken meanwhile', () => {
  // A number is put in, behind those that are equal to it; undefined takes one.
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(9), { nil: undefined }), { maxLength: 60 }), (steps) => {
      const heap = new MinHeap<Item>(
        (one, other) => one.rank - other.rank < 0 || (one.rank === other.rank && one.order < other.order),
      );
      const expected: Item[] = [];
      const take = (): void => {
        const [next] = expected.toSorted((a, b) => a.rank - b.rank || a.order - b.order);
        expect(heap.pop()).toBe(next);
        if (next) expected.splice(expected.indexOf(next), 1);
      };
      for (const [order, rank] of steps.entries()) {
        if (rank === undefined) take();
        else {
          const item = { rank, order };
          heap.push(item);
          expected.push(item);
        }
      }
      while (expected.length > 0) take();
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
