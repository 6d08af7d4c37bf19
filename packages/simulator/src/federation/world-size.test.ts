import { describe, expect, it } from 'vitest';
import { sizeOf, type FederationSize } from './world-size.ts';

describe('how large the worlds of seeds are', () => {
  it('from 2,501 on most have five servers or more, and a seventh is small and does more', () => {
    const sizes = Array.from({ length: 1_000 }, (_, i) => sizeOf(2_501 + i));
    const count = (isSo: (size: FederationSize) => boolean): number => sizes.filter(isSo).length;
    expect(count(({ prepared }) => !prepared)).toBe(100);
    expect(count(({ prepared, mostServers }) => prepared !== undefined && mostServers === 4)).toBe(150);
    expect(count(({ fewestServers, mostServers }) => fewestServers === 5 && mostServers === 5)).toBe(690);
    expect(count(({ mostServers }) => mostServers === 7)).toBe(50);
    expect(count(({ mostServers }) => mostServers === 15)).toBe(9);
    expect(count(({ mostServers }) => mostServers === 30)).toBe(1);
  });

  it('seeds of before mean what they meant', () => {
    expect(sizeOf(2_144)).toMatchObject({ fewestServers: 5, mostServers: 7, mostHostile: 1, actions: 2, haste: 3 });
    expect(sizeOf(2_500)).toMatchObject({ fewestServers: 16, mostServers: 30, actions: 1 });
    expect(sizeOf(2_450)).toMatchObject({ fewestServers: 8, mostServers: 15, actions: 2 });
  });
});
