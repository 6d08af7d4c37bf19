import fc from 'fast-check';
import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let people: TestClient[];
  beforeAll(async () => {
    server = await start();
    people = await Promise.all(['alice', 'bob', 'carol'].map((name) => server.registerUser(name)));
  });

  const ids = (events: Json[]): string[] => events.map((event) => event.event_id);

  interface Walk {
    roomId: string;
    dir: 'b' | 'f';
    from?: string | undefined;
    to?: string | undefined;
    /** The limits of the pages, over and over. */
    limits: number[];
    filter?: object;
  }

  /** All events of a walk through pages, and the tokens between them. */
  async function walk(
    client: TestClient,
    { roomId, dir, from, to, limits, filter }: Walk,
  ): Promise<{ seen: string[]; tokens: string[] }> {
    const seen: string[] = [];
    const tokens: string[] = [];
    let next = from;
    for (let page = 0; ; page++) {
      const query = {
        dir,
        limit: limits[page % limits.length]!,
        from: next,
        to,
        ...(filter ? { filter: JSON.stringify(filter) } : {}),
      };
      const answer = await client.call('getRoomEvents', { params: { roomId }, query });
      expect(answer.chunk.length).toBeLessThanOrEqual(query.limit);
      if (next !== undefined) expect(answer.start).toBe(next);
      seen.push(...ids(answer.chunk));
      next = answer.end;
      if (next === undefined) return { seen, tokens };
      tokens.push(next);
      if (page > 500) throw new Error('The pages have no end');
    }
  }

  it('covers every event once, whoever sends at the same time, in whatever pages', async () => {
    const limits = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 });
    const rounds = fc.array(
      fc.array(fc.record({ who: fc.nat(2), state: fc.boolean() }), { minLength: 1, maxLength: 8 }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(rounds, limits, limits, async (batches, back, forth) => {
        const [alice, bob] = people as [TestClient, TestClient];
        const roomId = await alice.createRoom({
          preset: 'public_chat',
          power_level_content_override: { state_default: 0 },
        });
        for (const other of people.slice(1)) await other.joinRoom(roomId);
        const { seen: first } = await walk(alice, { roomId, dir: 'f', limits: [100] });
        const marks: { token: string; count: number }[] = [];
        const sent = new Set<string>();
        for (const batch of batches) {
          const answers = await Promise.all(
            batch.map(({ who, state }, i) =>
              state
                ? people[who]!.sendState(
                    roomId,
                    'org.example.state',
                    { value: `${marks.length} ${i} ${who}` },
                    `key${i}`,
                  )
                : people[who]!.sendText(roomId, `message ${i}`),
            ),
          );
          for (const eventId of answers) sent.add(eventId);
          marks.push({ token: (await bob.sync()).next_batch, count: first.length + sent.size });
        }
        const { seen: forwards, tokens } = await walk(alice, { roomId, dir: 'f', limits: forth });
        expect(forwards.slice(0, first.length)).toEqual(first);
        expect(new Set(forwards.slice(first.length))).toEqual(sent);
        expect(forwards.length).toBe(first.length + sent.size);
        expect((await walk(bob, { roomId, dir: 'b', limits: back })).seen).toEqual(forwards.toReversed());
        // A sync's token stands behind what that sync has told, in both directions.
        for (const { token, count } of marks) {
          expect((await walk(bob, { roomId, dir: 'b', from: token, limits: back })).seen).toEqual(
            forwards.slice(0, count).toReversed(),
          );
          expect((await walk(alice, { roomId, dir: 'f', from: token, limits: back })).seen).toEqual(
            forwards.slice(count),
          );
          expect((await walk(alice, { roomId, dir: 'f', to: token, limits: back })).seen).toEqual(
            forwards.slice(0, count),
          );
          expect((await walk(alice, { roomId, dir: 'b', to: token, limits: back })).seen).toEqual(
            forwards.slice(count).toReversed(),
          );
        }
        // The tokens of one direction are places for the other.
        for (const token of tokens.slice(0, 3)) {
          const before = (await walk(alice, { roomId, dir: 'b', from: token, limits: back })).seen.toReversed();
          const after = (await walk(alice, { roomId, dir: 'f', from: token, limits: back })).seen;
          expect([...before, ...after]).toEqual(forwards);
        }
      }),
      { numRuns: 6 },
    );
  });

  it('passes over what is filtered out, however much of it there is', async () => {
    const [alice] = people as [TestClient];
    const roomId = await alice.createRoom();
    const wanted: string[] = [await alice.sendEvent(roomId, 'org.example.wanted', {})];
    for (let i = 0; i < 300; i += 20)
      await Promise.all(Array.from({ length: 20 }, (_, at) => alice.sendText(roomId, `${i + at}`)));
    wanted.push(await alice.sendEvent(roomId, 'org.example.wanted', {}));
    const filter = { types: ['org.example.wanted'] };
    expect((await walk(alice, { roomId, dir: 'b', limits: [5], filter })).seen).toEqual(wanted.toReversed());
    expect((await walk(alice, { roomId, dir: 'f', limits: [5], filter })).seen).toEqual(wanted);
    // A page that a filter has thinned out has an end; the one after it is empty and has none.
    const query = { dir: 'b', limit: 100, filter: JSON.stringify(filter) };
    const thin = await alice.call('getRoomEvents', { params: { roomId }, query });
    expect([thin.chunk.length, typeof thin.end]).toEqual([wanted.length, 'string']);
    const beyond = await alice.call('getRoomEvents', { params: { roomId }, query: { ...query, from: thin.end } });
    expect([beyond.chunk, beyond.end]).toEqual([[], undefined]);
  });

  it('keeps pages within bounds', async () => {
    const [alice] = people as [TestClient];
    const roomId = await alice.createRoom();
    for (let i = 0; i < 20; i++) await alice.sendText(roomId, `${i}`);
    const page = async (query: object, expectation = {}): Promise<Json> =>
      alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', ...query } }, expectation);
    const none = await page({ limit: 0 });
    expect(none.chunk).toEqual([]);
    expect((await page({ from: none.end, limit: 1 })).chunk.length).toBe(1);
    expect((await page({})).chunk.length).toBe(10);
    expect((await page({ filter: JSON.stringify({ limit: 3 }) })).chunk.length).toBe(3);
    expect((await page({ filter: JSON.stringify({ limit: 3 }), limit: 5 })).chunk.length).toBe(5);
    expect((await page({ limit: 1_000_000_000 })).chunk.length).toBeGreaterThan(20);
    for (const query of [
      { limit: -1 },
      { limit: 'x' },
      { limit: 1.5 },
      { from: 'nonsense' },
      { from: 't-1_5' },
      { from: 's' },
      { from: `s${'9'.repeat(30)}` },
      { from: 't9999999999999999_1' },
      { to: 't1' },
      { to: '\0' },
      { dir: 'x' },
    ]) {
      await page(query, { expect: 'M_INVALID_PARAM' });
    }
    await page({ filter: 'x' }, { expect: 'M_NOT_JSON' });
    await page({ filter: '[]' }, { expect: 'M_BAD_JSON' });
    await page({ filter: JSON.stringify({ types: 5 }) }, { expect: 'M_BAD_JSON' });
    // Places outside of the room's history are places all the same.
    expect((await page({ from: 's999999999' })).chunk.length).toBe(10);
    expect((await page({ from: 't9007199254740991_1' })).chunk.length).toBe(10);
    expect((await page({ from: 's0' })).chunk).toEqual([]);
    expect(await page({ from: 's999999999', dir: 'f' })).not.toHaveProperty('end');
  });
});
