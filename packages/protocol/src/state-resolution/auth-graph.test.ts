import { describe, expect, it } from 'vitest';
import { authDifference, conflictedSubgraph, withAuthChains } from './auth-graph.ts';

/** From an event to its auth events. */
const graph: Record<string, string[]> = {
  create: [],
  power: ['create'],
  join: ['create', 'power'],
  power2: ['power', 'join'],
  topic: ['power2', 'join'],
  name: ['power', 'join'],
};
const edges = (id: string): string[] => graph[id] ?? [];

describe('auth chains', () => {
  it('reach back to the start', () => {
    expect([...withAuthChains(['topic'], edges)].sort()).toEqual(['create', 'join', 'power', 'power2', 'topic']);
  });

  it('end in circles and at unknown events too', () => {
    const circle = (id: string): string[] => (id === 'a' ? ['b'] : ['a', 'unknown']);
    expect([...withAuthChains(['a'], circle)].sort()).toEqual(['a', 'b', 'unknown']);
    expect([...conflictedSubgraph(['a'], circle)].sort()).toEqual(['a', 'b', 'unknown']);
  });
});

describe('the auth difference', () => {
  it('is what some have and not all', () => {
    expect([...authDifference([['topic'], ['name'], ['power']], edges)].sort()).toEqual([
      'join',
      'name',
      'power2',
      'topic',
    ]);
  });

  it('leaves out what is in the state itself of those who rest nothing on it', () => {
    const difference = authDifference(
      [
        ['create', 'join', 'power2', 'topic'],
        ['create', 'join', 'power2'],
      ],
      edges,
    );
    expect([...difference]).toEqual(['topic']);
  });
});

describe('the conflicted state subgraph', () => {
  it('is all that lies between two conflicted events', () => {
    expect([...conflictedSubgraph(['topic', 'power'], edges)].sort()).toEqual(['join', 'power', 'power2', 'topic']);
  });

  it('is the conflicted events if none rests on another', () => {
    expect([...conflictedSubgraph(['topic', 'name'], edges)].sort()).toEqual(['name', 'topic']);
  });
});
