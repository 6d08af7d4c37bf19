import { ResolutionBudgetError } from '@myelin/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventNid } from '../names/index.ts';
import { PowerLevelTree, type PowerLevelSource } from './power-level-tree.ts';

/** Power levels events by number: each names an earlier one, or none. */
class Changes implements PowerLevelSource {
  readonly parents: readonly (number | undefined)[];
  readonly unstored = new Set<number>();
  maxEvents = 100_000;
  asked = 0;

  constructor(parents: readonly (number | undefined)[]) {
    this.parents = parents;
  }

  async parentOf(nid: EventNid): Promise<EventNid | undefined> {
    this.asked++;
    return this.parents[nid] as EventNid | undefined;
  }

  isStored(nid: EventNid): boolean {
    return !this.unstored.has(nid);
  }

  pause(): undefined {}

  /** By the letter of the definition. */
  plainly(newest: number, nid: number): number {
    const mainline: number[] = [];
    for (let at: number | undefined = newest; at !== undefined; at = this.parents[at]) mainline.push(at);
    for (let at: number | undefined = nid; at !== undefined; at = this.parents[at])
      if (mainline.includes(at)) return mainline.indexOf(at);
    return Infinity;
  }
}

function line(length: number): Changes {
  return new Changes(Array.from({ length }, (_, nid) => (nid === 0 ? undefined : nid - 1)));
}

const trees = fc
  .array(fc.option(fc.nat(1_000), { freq: 20 }), { minLength: 1, maxLength: 80 })
  .map((choices) => choices.map((choice, nid) => (choice === null || nid === 0 ? undefined : choice % nid)));

describe('positions on the mainline', () => {
  it('are those that the mainline has, step by step', async () => {
    await fc.assert(
      fc.asyncProperty(trees, fc.array(fc.nat(1_000), { minLength: 1, maxLength: 4 }), async (parents, newest) => {
        const changes = new Changes(parents);
        for (const choice of newest) changes.unstored.add((choice * 7) % parents.length);
        const tree = new PowerLevelTree();
        const all = parents.map((_parent, nid) => nid);
        for (const choice of newest) {
          const end = choice % parents.length;
          const found = await tree.positions(end as EventNid, all as EventNid[], changes);
          expect(found).toEqual(all.map((nid) => changes.plainly(end, nid)));
        }
      }),
    );
  });

  it('take no more events the second time, nor for the next change', async () => {
    const changes = line(5_001);
    const tree = new PowerLevelTree();
    const old = [0, 17, 2_500] as EventNid[];
    expect(await tree.positions(4_999 as EventNid, old, changes)).toEqual([4_999, 4_982, 2_499]);
    expect(changes.asked).toBe(5_000);
    expect(await tree.positions(5_000 as EventNid, old, changes)).toEqual([5_000, 4_983, 2_500]);
    expect(changes.asked).toBe(5_001);
  });

  it('are not looked for among more events than a resolution may look at', async () => {
    const changes = line(500);
    changes.maxEvents = 100;
    const found = new PowerLevelTree().positions(499 as EventNid, [0 as EventNid], changes);
    await expect(found).rejects.toThrow(ResolutionBudgetError);
  });
});
