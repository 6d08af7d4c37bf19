import { describe, expect, it } from 'vitest';
import { sizeOf, type FederationSize } from './world-size.ts';

describe('how large the worlds of seeds are', () => {
  it('most have five servers or more, and a third is small and does more', () => {
    const sizes = Array.from({ length: 2_000 }, (_, i) => sizeOf(1 + i));
    const count = (isSo: (size: FederationSize) => boolean): number => sizes.filter(isSo).length;
    expect(count(({ prepared }) => !prepared)).toBe(100);
    expect(count(({ prepared, mostServers }) => prepared !== undefined && mostServers === 4)).toBe(683);
    expect(count(({ fewestServers, mostServers }) => fewestServers === 5 && mostServers === 5)).toBe(1_160);
    expect(count(({ mostServers }) => mostServers === 7)).toBe(47);
    expect(count(({ mostServers }) => mostServers === 15)).toBe(9);
    expect(count(({ mostServers }) => mostServers === 30)).toBe(1);
  });

  it('each kind meets doors, several hostile servers and upgrades', () => {
    const sizes = Array.from({ length: 2_000 }, (_, i) => sizeOf(1 + i));
    for (const most of [4, 5, 7]) {
      const some = sizes.filter(({ prepared, mostServers }) => prepared && mostServers === most);
      expect(some.some(({ doors }) => doors)).toBe(true);
      expect(some.some(({ doors }) => !doors)).toBe(true);
    }
    for (const most of [4, 5]) {
      const some = sizes.filter(({ mostServers }) => mostServers === most);
      expect(some.some(({ mostHostile }) => mostHostile === 3)).toBe(true);
      expect(some.some(({ upgrades, doors }) => upgrades && doors)).toBe(true);
    }
  });
});
