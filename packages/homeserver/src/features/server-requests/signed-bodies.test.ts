import { canonicalJson, type JsonValue } from '@myelin/protocol';
import type { Timers } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { SignedBodies, type SignedBody } from './signed-bodies.ts';

/** A world in which each look at the clock takes a millisecond, if nothing else is said: time for a pause comes by itself. */
function world(lookMs = 1) {
  let now = 0;
  const turns = { soon: 0, rested: 0, atOnce: 0, most: 0 };
  const soon: Timers['soon'] = (task) => {
    turns.soon++;
    setImmediate(task);
  };
  const sleep: Timers['sleep'] = async (ms) => {
    turns.rested += ms;
    turns.most = Math.max(turns.most, ++turns.atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    turns.atOnce--;
  };
  const timers = { soon, sleep } as Timers;
  const clock = { now: () => now, monotonic: () => (now += lookMs) };
  return { bodies: new SignedBodies({ clock, timers }), turns, pass: (ms: number) => (now += ms) };
}

/** A body that is signed as this text, if it is at all. */
function body(text: string, signed: string | undefined, rest: Partial<SignedBody> = {}): SignedBody {
  const isSigned = (content: string | Uint8Array): boolean => Buffer.from(content as string).toString() === signed;
  return { bytes: Buffer.from(text), origin: 'them.test', ip: '192.0.2.1', isSigned, ...rest };
}

const canonical = (text: string) => canonicalJson(JSON.parse(text) as JsonValue);
const repeated = (text: string, times: number) => Array.from({ length: times }, () => text).join(',');

const lists = `{"a":[${repeated('[]', 100_000)}]}`;
const spread = `{"b": 1, "a": [${repeated('{"d":1,"c":"é"}', 20_000)}]}`;

describe('a signed body', () => {
  it.each(['{"a":[1.5,"é"]}', '{}', '[1]', lists])('is let in as it came', async (text) => {
    const { bodies, turns } = world();
    expect(await bodies.read(body(text, text))).toEqual(JSON.parse(text));
    expect(turns.rested).toBe(0);
  });

  it.each(['{ "b": 1, "a": [{"d":1, "c":2}] }', spread])('is let in if its canonical form is signed', async (text) => {
    const { bodies } = world();
    expect(await bodies.read(body(text, canonical(text)))).toEqual(JSON.parse(text));
  });

  it('that is large and proven is parsed in many turns', async () => {
    const { bodies, turns } = world();
    await bodies.read(body(lists, lists));
    // A look at the clock for each of some 16 KiB, or each of these twice; a pause after every four looks.
    expect(turns.soon).toBeGreaterThan(lists.length / 16_384 / 4);
  });

  it.each(['[]', '{"a":1}', '1.5', '"a"'])(
    'that is large and anybody’s is looked at in many turns, with rests: %s',
    async (item) => {
      const { bodies, turns } = world();
      const text = `{"a":[${repeated(item, Math.floor(400_000 / item.length))}]}`;
      expect(await bodies.read(body(text, undefined))).toBeUndefined();
      // Three quarters of the time, at 4 ms of work between rests.
      expect(turns.rested).toBeGreaterThan((text.length / 16_384 / 4) * 12);
    },
  );

  it('is looked at one at a time, if it is large and anybody’s; others wait, and then are refused', async () => {
    const { bodies, turns } = world();
    const text = `[${repeated('1', 40_000)}]`;
    const all = Array.from({ length: 40 }, (_, n) => bodies.read(body(text, undefined, { ip: `192.0.2.${n}` })));
    const results = await Promise.allSettled(all);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(33);
    const refused = results.find(({ status }) => status === 'rejected');
    expect(refused).toMatchObject({ reason: { code: 'M_LIMIT_EXCEEDED' } });
    expect(turns.most).toBe(1);
    // Those that prove themselves by their bytes don't wait for these.
    const waiting = Array.from({ length: 33 }, (_, n) => bodies.read(body(text, undefined, { ip: `192.0.3.${n}` })));
    expect(await bodies.read(body(text, text))).toHaveLength(40_000);
    await Promise.all(waiting);
  });

  it('waits only as far as it is not too much together with others', async () => {
    const { bodies } = world();
    const text = ` ["${'x'.repeat(12 * 1024 * 1024)}"]`;
    const all = Array.from({ length: 3 }, (_, n) => bodies.read(body(text, undefined, { ip: `192.0.2.${n}` })));
    const results = await Promise.allSettled(all);
    expect(results.map((result) => (result.status === 'fulfilled' ? 'read' : result.reason.code))).toEqual([
      'read',
      'read',
      'M_LIMIT_EXCEEDED',
    ]);
    expect(await bodies.read(body(text, undefined, { ip: '192.0.2.9' }))).toBeUndefined();
  });

  it('with a bad signature counts, until only canonical JSON is let in from that network', async () => {
    const { bodies, pass } = world(0);
    const send = (text: string, signed: string, ip = '2001:db8::1') => bodies.read(body(text, signed, { ip }));
    for (let n = 0; n < 2; n++)
      await expect(send(' '.repeat(8 * 1024 * 1024), '')).rejects.toMatchObject({ code: 'M_NOT_JSON' });
    for (let n = 0; n < 60; n++) await send('{"a":1}'.padEnd(16_000), '').catch(() => {});
    const [small, large] = ['{ "a": 1 }'.padEnd(15_000), ` [${repeated('1', 40_000)}]`];
    for (const text of [small, large]) {
      const refusal = { code: 'M_LIMIT_EXCEEDED' };
      await expect(send(text, canonical(text))).rejects.toMatchObject(refusal);
      await expect(send(text, canonical(text), '2001:db8:0:0:1::1')).rejects.toMatchObject(refusal);
      for (const ip of ['2001:db8:0:1::1', '192.0.2.1', '::ffff:192.0.2.2'])
        expect(await send(text, canonical(text), ip)).toEqual(JSON.parse(text));
      expect(await send(canonical(text), canonical(text))).toEqual(JSON.parse(text));
    }
    pass(1_000);
    // Good ones cost nothing.
    for (let n = 0; n < 10; n++) expect(await send(large, canonical(large))).toHaveLength(40_000);
    expect(await send(small, canonical(small))).toEqual({ a: 1 });
  });

  it.each(['\\ud800', '\\uDC00'])(
    'with half a character is refused, also where that is what was signed: %s',
    async (half) => {
      const { bodies } = world();
      for (const times of [1, 40_000]) {
        const text = `["${half}",${repeated('1', times)}]`;
        await expect(bodies.read(body(text, text))).rejects.toMatchObject({ reason: 'lone-surrogate' });
      }
    },
  );

  it('with a number beyond all numbers is refused, also where that is what was signed', async () => {
    const { bodies } = world();
    for (const times of [1, 40_000]) {
      const text = `[1e999,${repeated('1', times)}]`;
      await expect(bodies.read(body(text, text))).rejects.toMatchObject({ reason: 'number-not-finite' });
    }
  });

  it('keeps the numbers of old room versions as they were written', async () => {
    const { bodies } = world();
    for (const times of [1, 40_000]) {
      const text = `[1.0,${repeated('1', times)}]`;
      expect(canonicalJson((await bodies.read(body(text, text))) as JsonValue, 'lenient')).toBe(text);
    }
  });

  it('is let in without those items that hold more than an event or EDU may', async () => {
    const { bodies } = world();
    const text = `{"edus":[{"content":{"a":[${repeated('1', 100_001)}]}},{"content":{"a":1}}]}`;
    expect(await bodies.read(body(text, text))).toEqual({ edus: [null, { content: { a: 1 } }] });
  });

  it('of one server waits for others of its own only', async () => {
    const { bodies } = world();
    const text = `[${repeated('1', 40_000)}]`;
    const done: string[] = [];
    const read = async (origin: string): Promise<void> => {
      await bodies.read(body(text, text, { origin }));
      done.push(origin);
    };
    await Promise.all([...Array.from({ length: 10 }, () => read('many.test')), read('one.test')]);
    expect(done.indexOf('one.test')).toBeLessThan(3);
    const results = await Promise.allSettled(Array.from({ length: 60 }, () => read('many.test')));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(9);
  });
});
