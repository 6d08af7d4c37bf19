import { expect, test } from 'vitest';
import { FairSlots, type Turn } from './index.ts';

/** Asks for places, and tells who has one and who was given up. */
function asked(slots: FairSlots) {
  const running = new Map<string, () => void>();
  const givenUp: string[] = [];
  const turns = new Map<string, Turn>();
  const ask = async (key: string, name: string): Promise<void> => {
    const turn = slots.ask(key);
    turns.set(name, turn);
    void turn.place.then((release) => (release ? running.set(name, release) : givenUp.push(name)));
    await turned();
  };
  const end = async (name: string): Promise<void> => {
    running.get(name)?.();
    running.delete(name);
    await turned();
  };
  return { ask, end, givenUp, renew: (name: string) => turns.get(name)?.renew(), running: () => [...running.keys()] };
}

const turned = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no key has all places, and who came last goes first', async () => {
  const slots = asked(new FairSlots({ atOnce: 3, atOnceOfKey: 2, mostWaiting: 10, mostWaitingOfKey: 10 }));
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'd1']) await slots.ask(name.charAt(0), name);
  expect(slots.running()).toEqual(['a1', 'a2', 'b1']);
  await slots.end('b1');
  expect(slots.running()).toEqual(['a1', 'a2', 'd1']);
  slots.renew('a3');
  slots.renew('d1');
  await slots.end('a1');
  expect(slots.running()).toEqual(['a2', 'd1', 'a3']);
  for (const name of ['a2', 'd1', 'a3']) await slots.end(name);
  expect(slots.running().toSorted()).toEqual(['a4', 'c1']);
});

test('a place that is given back twice is free once', async () => {
  const slots = new FairSlots({ atOnce: 1, atOnceOfKey: 1, mostWaiting: 10, mostWaitingOfKey: 10 });
  const release = await slots.ask('a').place;
  release?.();
  release?.();
  const others = asked(slots);
  await others.ask('b', 'b');
  await others.ask('c', 'c');
  expect(others.running()).toEqual(['b']);
});

test('where there is no room to wait the oldest is given up, of a key that has too many first', async () => {
  const slots = asked(new FairSlots({ atOnce: 1, atOnceOfKey: 1, mostWaiting: 3, mostWaitingOfKey: 2 }));
  for (const name of ['a1', 'b1', 'a2', 'a3']) await slots.ask(name.charAt(0), name);
  expect(slots.givenUp).toEqual([]);
  await slots.ask('a', 'a4');
  expect(slots.givenUp).toEqual(['a2']);
  await slots.ask('c', 'c1');
  expect(slots.givenUp).toEqual(['a2', 'b1']);
  for (const name of ['a1', 'c1', 'a4', 'a3']) {
    expect(slots.running()).toEqual([name]);
    await slots.end(name);
  }
  expect(slots.running()).toEqual([]);
});
