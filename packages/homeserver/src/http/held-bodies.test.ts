import { expect, it } from 'vitest';
import { HeldBodies, type HeldBody } from './held-bodies.ts';

const megabyte = 1024 * 1024;

function start() {
  const bodies = new HeldBodies();
  const givenUp: string[] = [];
  const open = (network: string, name = network): HeldBody => bodies.open(network, () => givenUp.push(name));
  const grown = (network: string, megabytes: number, name?: string): HeldBody => {
    const body = open(network, name);
    for (let i = 0; i < megabytes; i++) body.grow(megabyte);
    return body;
  };
  return { open, grown, givenUp };
}

it('beyond the bound the oldest body of the network that holds most is given up', () => {
  const { grown, givenUp } = start();
  grown('honest', 12);
  for (const name of ['one', 'two', 'three', 'four']) grown('bad', 12, name);
  expect(givenUp).toEqual([]);
  grown('other', 12);
  expect(givenUp).toEqual(['one']);
  grown('bad', 12, 'five');
  expect(givenUp).toEqual(['one', 'two']);
});

it('what has come whole stays, and what is too much for the rest is given up itself', () => {
  const { grown, givenUp } = start();
  const whole = Array.from({ length: 5 }, () => grown('bad', 12));
  for (const body of whole) body.complete();
  const late = grown('honest', 12);
  expect(givenUp).toEqual(['honest']);
  late.grow(megabyte);
  expect(givenUp).toEqual(['honest']);
  whole[0]?.release();
  whole[0]?.release();
  grown('honest', 12);
  expect(givenUp).toEqual(['honest']);
});

it('small ones are neither counted nor given up', () => {
  const { open, grown, givenUp } = start();
  for (let i = 0; i < 5; i++) grown('bad', 12).complete();
  const small = Array.from({ length: 2_000 }, () => open('bad'));
  for (const body of small) body.grow(64 * 1024);
  expect(givenUp).toEqual([]);
});
