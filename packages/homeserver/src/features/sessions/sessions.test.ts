import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { systemRuntime } from '@myelin/runtime';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testConfig } from '../../config/index.ts';
import { createCore, type Core } from '../../core.ts';
import { allMigrations } from '../../migrations.ts';
import type { UserNid } from '../names/index.ts';

const minute = 60_000;

/** A login or refresh as the model has it. */
interface Pair {
  readonly device: string;
  readonly access: string;
  readonly refresh: string | undefined;
  readonly accessUntil: number;
  readonly refreshUntil: number;
  readonly parent: Pair | undefined;
  accessAlive: boolean;
  refreshAlive: boolean;
  used: boolean;
}

const lifetimes = { access: 5 * minute, refresh: 60 * minute, session: 120 * minute };

const step = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('login' as const),
      device: fc.constantFrom('D1', 'D2'),
      refreshable: fc.nat(3).map((n) => n > 0),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('refresh' as const), back: fc.nat(4) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('use' as const), back: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('logout' as const), device: fc.constantFrom('D1', 'D2') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.constantFrom(1, 1, 5, 40) }) },
);

describeDatabases((open, dialect) => {
  let core: Core;
  let database: Database;
  let now = systemRuntime.clock.now();
  let users = 0;
  beforeAll(async () => {
    database = await open(allMigrations);
    const runtime = { ...systemRuntime, clock: { now: () => now, monotonic: () => now } };
    const config = testConfig({
      refreshable_access_token_lifetime: '5m',
      refresh_token_lifetime: '60m',
      session_lifetime: '120m',
    });
    core = await createCore(config, runtime, database);
  });
  afterAll(async () => {
    await core.lastSeen.stop();
  });

  async function newUser(): Promise<UserNid> {
    const userId = `@user${++users}:test`;
    return database.transact(async (writer) => {
      const nid = await core.names.user(writer, userId);
      await core.accounts.create(writer, nid, userId, {});
      return nid;
    });
  }

  async function code(outcome: Promise<unknown>): Promise<string> {
    try {
      await outcome;
      return 'ok';
    } catch (error) {
      if (error instanceof MatrixError) return error.code;
      throw error;
    }
  }

  const use = (pair: Pair): Promise<string> =>
    code(core.sessions.authenticate(pair.access, 'user', '127.0.0.1', 'test'));

  test('tokens are alive exactly as long as the specification says, whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30 }), async (steps) => {
        const user = await newUser();
        const pairs: Pair[] = [];
        const sessionUntil = new Map<string, number>();
        const endDevice = (device: string): void => {
          for (const pair of pairs) if (pair.device === device) pair.accessAlive = pair.refreshAlive = false;
        };
        const add = (
          device: string,
          made: { accessToken: string; refreshToken: string | undefined },
          parent: Pair | undefined,
        ): void => {
          const until = sessionUntil.get(device) as number;
          pairs.push({
            device,
            access: made.accessToken,
            refresh: made.refreshToken,
            accessUntil: made.refreshToken === undefined ? until : Math.min(now + lifetimes.access, until),
            refreshUntil: Math.min(now + lifetimes.refresh, until),
            parent,
            accessAlive: true,
            refreshAlive: made.refreshToken !== undefined,
            used: false,
          });
        };
        for (const each of steps) {
          if (each.kind === 'wait') now += each.minutes * minute;
          else if (each.kind === 'login') {
            endDevice(each.device);
            sessionUntil.set(each.device, now + lifetimes.session);
            const request = { deviceId: each.device, refreshable: each.refreshable };
            add(
              each.device,
              await database.transact((writer) => core.sessions.begin(writer, user, request)),
              undefined,
            );
          } else if (each.kind === 'logout') {
            endDevice(each.device);
            await database.transact(async (writer) => {
              const device = await core.devices.find(user, each.device, writer);
              if (device) await core.devices.delete(writer, user, [device]);
            });
          } else {
            // Mostly the newest, where most is at stake.
            const pair = pairs.at(-1 - (each.back % Math.max(1, pairs.length)));
            if (!pair) continue;
            if (each.kind === 'use') await tryUse(pair);
            else await tryRefresh(pair, pairs, add);
          }
        }
        // At the end each token is what the model says.
        for (const pair of pairs) await tryUse(pair);
      }),
      { numRuns: dialect === 'sqlite' ? 400 : 10 },
    );
  });

  async function tryUse(pair: Pair): Promise<void> {
    const works = pair.accessAlive && now < pair.accessUntil;
    expect(await use(pair)).toBe(works ? 'ok' : 'M_UNKNOWN_TOKEN');
    // Even one that has expired tells that it has arrived.
    if (!pair.accessAlive) return;
    pair.used = true;
    if (pair.parent) pair.parent.refreshAlive = false;
  }

  async function tryRefresh(
    pair: Pair,
    pairs: Pair[],
    add: (device: string, made: { accessToken: string; refreshToken: string | undefined }, parent: Pair) => void,
  ): Promise<void> {
    if (pair.refresh === undefined) return;
    const works = pair.refreshAlive && now < pair.refreshUntil;
    let made: { accessToken: string; refreshToken: string | undefined } | undefined;
    const outcome = await code(core.sessions.refresh(pair.refresh).then((session) => (made = session)));
    expect(outcome).toBe(works ? 'ok' : 'M_UNKNOWN_TOKEN');
    if (!made) return;
    // All but the exchanged pair and the new one is gone.
    for (const other of pairs)
      if (other.device === pair.device && other !== pair) other.accessAlive = other.refreshAlive = false;
    add(pair.device, made, pair);
  }

  test('a token that was read before it was revoked is not remembered after', async () => {
    const user = await newUser();
    const session = await database.transact((writer) => core.sessions.begin(writer, user, { deviceId: 'D' }));
    const reading = Array.from({ length: 5 }, () =>
      code(core.sessions.authenticate(session.accessToken, 'user', '', '')),
    );
    await database.transact(async (writer) => {
      const device = await core.devices.find(user, 'D', writer);
      if (device) await core.devices.delete(writer, user, [device]);
    });
    await Promise.all(reading);
    expect(await code(core.sessions.authenticate(session.accessToken, 'user', '', ''))).toBe('M_UNKNOWN_TOKEN');
  });

  test('a transaction that fails gives no token that works, and revokes none', async () => {
    const user = await newUser();
    const session = await database.transact((writer) => core.sessions.begin(writer, user, { deviceId: 'D' }));
    let lost: string | undefined;
    const failing = database.transact(async (writer) => {
      lost = (await core.sessions.begin(writer, user, { deviceId: 'D' })).accessToken;
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await code(core.sessions.authenticate(lost as string, 'user', '', ''))).toBe('M_UNKNOWN_TOKEN');
    expect(await code(core.sessions.authenticate(session.accessToken, 'user', '', ''))).toBe('ok');
  });

  test('accounts that change are seen at once, whoever holds a token', async () => {
    const user = await newUser();
    const { accessToken } = await database.transact((writer) => core.sessions.begin(writer, user, {}));
    const attempt = (auth: 'user' | 'user-even-locked' | 'admin') =>
      code(core.sessions.authenticate(accessToken, auth, '', ''));
    const set = (flags: object) => database.transact((writer) => core.accounts.setFlags(writer, user, flags));
    expect(await attempt('admin')).toBe('M_FORBIDDEN');
    await set({ isAdmin: true });
    expect(await attempt('admin')).toBe('ok');
    await set({ locked: true });
    expect([await attempt('user'), await attempt('admin'), await attempt('user-even-locked')]).toEqual([
      'M_USER_LOCKED',
      'M_USER_LOCKED',
      'ok',
    ]);
    await set({ locked: false, isGuest: true });
    expect(await attempt('user')).toBe('M_GUEST_ACCESS_FORBIDDEN');
    await set({ deactivated: true });
    expect(await attempt('user-even-locked')).toBe('M_USER_DEACTIVATED');
  });
});
