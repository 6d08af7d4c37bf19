import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventExplanation } from '@myelin/homeserver';
import { testOptions } from '@myelin/homeserver/config';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere, type Outcome } from '../testing/run-cli.ts';
import { explanationJson, explanationText } from './text.ts';

const nowhere = `$${'x'.repeat(42)}A`;

describeServers((start, database) => {
  let server: TestServer;
  let alice: TestClient;
  let config: string;
  beforeAll(async () => {
    server = await start({ onDisk: true });
    alice = await server.registerUser('alice');
    config = join(server.folder, 'homeserver.yaml');
    const { kind, ...args } = server.config.database as unknown as Record<string, unknown>;
    const block =
      database === 'sqlite' ? { name: 'sqlite3', args: { database: args['path'] } } : { name: 'psycopg2', args };
    expect(kind).toBe(database);
    writeFileSync(config, JSON.stringify({ ...testOptions, database: block }));
  });

  const explain = (...args: string[]): Promise<Outcome> => runHere(['explain', '-c', config, ...args]);

  it('an accepted message, while the server runs', async () => {
    const roomId = await alice.createRoom({});
    const eventId = await alice.sendText(roomId, 'nobody is to read this');
    const { code, out, err } = await explain(eventId);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const part of [
      `room      ${roomId}, version`,
      'type      m.room.message',
      `sender    ${alice.userId}, of the server test`,
      'came      made here',
      'It was accepted.',
      'Its auth events:',
      'passed    signatures: signed by test',
      'passed    rules, by its auth events: it is allowed by its auth events',
      '"Authorisation rules"',
    ]) {
      expect(out).toContain(part);
    }
    expect(out).not.toContain('FAILED');
    expect(out).not.toContain('nobody is to read');
  });

  it('as JSON', async () => {
    const roomId = await alice.createRoom({});
    const eventId = await alice.sendState(roomId, 'm.room.topic', { topic: 'nobody is to read this' });
    const { code, out } = await explain('--json', eventId);
    expect(code).toBe(0);
    expect(out).not.toContain('nobody is to read');
    expect(JSON.parse(out)).toMatchObject({
      eventId,
      roomId,
      stateKey: '',
      standing: 'accepted',
      current: { isInState: true },
    });
  });

  it('an event that is not there, or no event id at all', async () => {
    expect(await explain(nowhere)).toMatchObject({ code: 1, err: expect.stringContaining(`no event ${nowhere}`) });
    expect(await explain('nonsense')).toMatchObject({ code: 2, err: expect.stringContaining('is not an event id') });
  });

  it.runIf(database === 'sqlite')('no database, or one of something else', async () => {
    const other = join(server.folder, 'other.yaml');
    const path = join(server.folder, 'other.db');
    writeFileSync(other, JSON.stringify({ ...testOptions, database: { name: 'sqlite3', args: { database: path } } }));
    const none = await runHere(['explain', '-c', other, nowhere]);
    expect(none).toMatchObject({ code: 1, err: `myelin: There is no database ${path}\n` });
    expect(readdirSync(server.folder)).not.toContain('other.db');
    const made = new DatabaseSync(path);
    made.exec('CREATE TABLE something (other INTEGER)');
    made.close();
    const foreign = await runHere(['explain', '-c', other, nowhere]);
    expect(foreign).toMatchObject({ code: 1, err: expect.stringContaining("none of Myelin's") });
  });
});

describe('the text', () => {
  const bob = '@bob:b.test';
  const base: EventExplanation = {
    eventId: '$topic',
    roomId: '!room:a.test',
    roomVersion: '11',
    type: 'm.room.topic',
    stateKey: '',
    sender: bob,
    origin: 'b.test',
    originServerTs: 0,
    depth: 7,
    standing: 'accepted',
    door: 'received',
    previous: [{ eventId: '$before', isKnown: false }],
    authEvents: [],
    checks: [],
    resolutions: [],
  };
  const ban = {
    eventId: '$ban',
    isKnown: true,
    type: 'm.room.member',
    stateKey: bob,
    sender: '@creator:a.test',
  } as const;

  it('of a rejected event names the rule', () => {
    const text = explanationText({
      ...base,
      standing: 'rejected',
      refusal: { code: 'sender-not-joined', says: 'the sender is not in the room' },
      checks: [
        {
          check: 'auth-by-auth-events',
          result: 'failed',
          says: 'the sender is not in the room',
          reason: 'sender-not-joined',
          section: 'Room Version 11 §"Authorisation rules"',
        },
      ],
    });
    expect(text).toContain('It was rejected');
    expect(text).toContain('Noted then: the sender is not in the room (sender-not-joined)');
    expect(text).toContain('FAILED    rules, by its auth events: the sender is not in the room');
    expect(text).toContain('$before  not here');
  });

  it('of a soft-failed event says by what', () => {
    const refusal = { code: 'sender-not-joined', says: 'the sender is not in the room' };
    const ban = { eventId: '$ban', isKnown: true, type: 'm.room.member', stateKey: bob, sender: '@creator:a.test' };
    const text = explanationText({ ...base, standing: 'soft-failed', refusal: { ...refusal, by: [ban] } });
    expect(text).toContain('It was soft-failed');
    expect(text).toContain(
      `Noted then: the sender is not in the room (sender-not-joined)\nThe room's state had against it:\n  $ban  m.room.member "${bob}" by @creator:a.test\n`,
    );
  });

  it('of a fork says which step decided', () => {
    const topic = { eventId: '$topic', isKnown: true, type: 'm.room.topic', stateKey: '', sender: bob };
    const text = explanationText({
      ...base,
      current: { isInState: false },
      resolutions: [
        {
          where: 'now',
          algorithm: 'v2',
          section: 'Room Version 2 §"State resolution"',
          states: [{ after: ['$topic'], event: '$topic' }, { after: ['$ban'] }],
          conflicts: [
            { type: 'm.room.topic', stateKey: '', candidates: ['$topic'] },
            { type: 'm.room.member', stateKey: bob, candidates: ['$join', '$ban'], winner: '$ban' },
          ],
          conflictsLeft: 0,
          authDifference: 1,
          rounds: [
            { round: 'power-events', events: [{ ...ban, outcome: 'allowed' }], left: 0 },
            {
              round: 'mainline',
              powerLevels: '$levels',
              events: [{ ...topic, outcome: 'refused', reason: 'sender-not-joined', says: 'bob is not in the room' }],
              left: 3,
            },
          ],
          verdict: {
            won: false,
            step: 'other events in mainline order',
            says: 'refused: bob is not in the room (sender-not-joined)',
            by: [ban],
          },
        },
      ],
    });
    expect(text).toContain('the state after $topic has $topic here');
    expect(text).toContain('    taken  $ban\n');
    expect(text).toContain('    none of them\n');
    expect(text).toContain(`  allowed  $ban  m.room.member "${bob}" by @creator:a.test\n`);
    expect(text).toContain(
      '  REFUSED  $topic  m.room.topic "" by @bob:b.test: bob is not in the room (sender-not-joined)\n',
    );
    expect(text).toContain('… and 3 more events');
    expect(text).toContain('It was decided AGAINST this event (other events in mainline order)');
    expect(text).toContain(`because of $ban  m.room.member "${bob}"`);
  });

  it('moves no cursor', () => {
    const odd = { ...base, type: '\u001b[2Jred\u202E', stateKey: '\u009b1A' };
    for (const text of [explanationText(odd), explanationJson(odd)])
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    expect(JSON.parse(explanationJson(odd))).toEqual(odd);
  });
});
