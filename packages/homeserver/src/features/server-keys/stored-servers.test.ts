import { describeDatabases } from '@myelin/database/testing';
import { beforeEach, expect, it } from 'vitest';
import { checkKeyAnswer } from './key-answer.ts';
import { answerOf, day, KeyWorld, start, type Said } from './testing/key-world.ts';

describeDatabases((open) => {
  let world: KeyWorld;
  beforeEach(async () => {
    world = await KeyWorld.build(open, {}, 3);
  });

  const show = (...names: string[]): void => {
    for (const name of names) world.servers[name] = answerOf(name, { until: world.now + day });
  };
  const hide = (): void => {
    for (const name of Object.keys(world.servers)) world.servers[name] = undefined;
  };

  it('keys of more servers than are stored are known until a restart, and those that are stored stay', async () => {
    const names = ['a.test', 'b.test', 'c.test', 'd.test', 'e.test'];
    show(...names);
    for (const name of names) expect(await world.has(name)).toBe(true);
    world.now += 11_000;
    const [answer] = await world.notary.query(new Map([['e.test', new Map()]]));
    expect(answer).toMatchObject({ server_name: 'e.test' });
    hide();
    expect(await world.has('e.test')).toBe(true);
    world.again();
    const known = await Promise.all(names.map((name) => world.has(name)));
    expect(known).toEqual([true, true, true, false, false]);
  });

  it('new keys of a server that is stored are stored though there is no room for others', async () => {
    show('a.test', 'b.test', 'c.test', 'd.test');
    for (const name of ['a.test', 'b.test', 'c.test', 'd.test']) await world.has(name);
    world.now += 2 * day;
    world.servers['a.test'] = answerOf('a.test', { current: ['2'], until: world.now + day });
    expect(await world.has('a.test', '2')).toBe(true);
    hide();
    world.again();
    expect(await world.has('a.test', '2')).toBe(true);
  });

  it('servers that have shown no key for long make room', async () => {
    show('a.test', 'b.test', 'c.test');
    for (const name of ['a.test', 'b.test', 'c.test']) await world.has(name);
    world.now += 60 * day;
    show('c.test');
    expect(await world.has('c.test')).toBe(true);
    world.now += 60 * day;
    show('d.test');
    expect(await world.has('d.test')).toBe(true);
    hide();
    world.again();
    expect(await world.has('d.test')).toBe(true);
    expect(await world.has('c.test', '1', start + 60 * day)).toBe(true);
    expect(await world.has('a.test', '1', start)).toBe(false);
  });
});

it('a server that says too much of its keys is not believed', () => {
  const isBelieved = (said: Said): boolean => checkKeyAnswer(answerOf('a.test', said), 'a.test', start) !== undefined;
  const names = (count: number, end = ''): string[] =>
    Array.from({ length: count }, (_none, index) => `k${index}${end}`);
  const old = (keys: readonly string[]): Record<string, number> =>
    Object.fromEntries(keys.map((name) => [name, start]));
  expect(isBelieved({ current: names(20), by: ['k0'] })).toBe(true);
  expect(isBelieved({ current: names(21), by: ['k0'] })).toBe(false);
  expect(isBelieved({ current: ['1'], old: old(names(99)) })).toBe(true);
  expect(isBelieved({ current: ['1'], old: old(names(20, 'x'.repeat(240))) })).toBe(true);
  expect(isBelieved({ current: ['1'], old: old(names(60, 'x'.repeat(240))) })).toBe(false);
});
