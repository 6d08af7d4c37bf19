import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import type { JsonValue } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { UserNid } from '../names/index.ts';
import { Counters } from '../counters/index.ts';
import type { AuthFlow, AuthStage, SessionKey } from './auth-stage.ts';
import { sessionLifetime } from './auth-sessions.ts';
import { AuthenticationRequired } from './authentication-required.ts';
import { userInteractiveAuthMigrations } from './migrations.ts';
import { UserInteractiveAuth, type AuthRequest } from './user-interactive-auth.ts';

/** A stage that is completed by `answer: 'right'`. */
class TestStage implements AuthStage {
  readonly type: string;
  readonly released: SessionKey[] = [];
  constructor(type: string) {
    this.type = type;
  }
  parameters() {
    return { hint: `say right to ${this.type}` };
  }
  async complete(auth: Record<string, JsonValue>): Promise<JsonValue> {
    if (auth['answer'] === 'fault') throw new Error('a fault of ours');
    if (auth['answer'] === 'fast') throw new MatrixError('M_LIMIT_EXCEEDED', 'too fast');
    if (auth['answer'] !== 'right') throw new MatrixError('M_FORBIDDEN', 'wrong');
    return `result of ${this.type}`;
  }
  async release(_writer: unknown, sessions: readonly SessionKey[]): Promise<void> {
    this.released.push(...sessions);
  }
}

const flowsOf: Readonly<Record<string, readonly AuthFlow[]>> = {
  transfer: [
    ['a', 'b'],
    ['a', 'c'],
  ],
  rename: [['b']],
  impossible: [],
};

async function setUp(database: Database) {
  let shift = 0;
  const clock = {
    now: () => systemRuntime.clock.now() + shift,
    monotonic: () => systemRuntime.clock.monotonic() + shift,
  };
  const auth = await UserInteractiveAuth.open({
    ...systemRuntime,
    clock,
    database,
    counters: await Counters.open(database),
  });
  const stages = ['a', 'b', 'c'].map((type) => new TestStage(type));
  for (const stage of stages) auth.addStage(stage);
  return { auth, stages, forward: (ms: number) => (shift += ms) };
}

function request(operation: string, given: object | undefined, more: Partial<AuthRequest> = {}): AuthRequest {
  return {
    operation,
    binding: { to: 'bob' },
    flows: flowsOf[operation] as readonly AuthFlow[],
    auth: given as AuthRequest['auth'],
    user: undefined,
    ip: '127.0.0.1',
    ...more,
  };
}

/** The 401 that the request ends in. */
async function required(auth: UserInteractiveAuth, of: AuthRequest): Promise<AuthenticationRequired['state']> {
  try {
    await auth.authenticate(of);
  } catch (error) {
    if (error instanceof AuthenticationRequired) return error.state;
    throw error;
  }
  throw new Error('It went ahead');
}

describeDatabases((open, dialect) => {
  let made: Awaited<ReturnType<typeof setUp>>;
  let database: Database;
  let users = 1000;
  beforeAll(async () => {
    database = await open(userInteractiveAuthMigrations);
    made = await setUp(database);
    return () => made.auth.stop();
  });

  function newUser(): NonNullable<AuthRequest['user']> {
    const nid = ++users;
    return { nid: nid as UserNid, userId: `@user${nid}:test` };
  }

  test('tells flows, parameters and a session; then what is complete', async () => {
    const first = await required(made.auth, request('transfer', undefined));
    expect(first).toMatchObject({ flows: flowsOf['transfer'], completed: [], problem: undefined });
    expect(Object.keys(first.params)).toEqual(['a', 'b', 'c']);
    expect(new AuthenticationRequired(first).toBody()).toEqual({
      session: first.session,
      flows: [{ stages: ['a', 'b'] }, { stages: ['a', 'c'] }],
      params: first.params,
    });
    const { session } = first;
    const half = await required(made.auth, request('transfer', { type: 'a', answer: 'right', session }));
    expect(half.completed).toEqual(['a']);
    const done = await made.auth.authenticate(request('transfer', { type: 'c', answer: 'right', session }));
    expect([...done.results]).toEqual([
      ['a', 'result of a'],
      ['c', 'result of c'],
    ]);
  });

  test('a wrong answer may be mended; a fault and being too fast are passed on', async () => {
    const { session } = await required(made.auth, request('rename', undefined));
    const wrong = await required(made.auth, request('rename', { type: 'b', answer: 'wrong', session }));
    expect(new AuthenticationRequired(wrong).toBody()).toMatchObject({
      errcode: 'M_FORBIDDEN',
      error: 'wrong',
      session,
      completed: [],
    });
    await expect(made.auth.authenticate(request('rename', { type: 'b', answer: 'fault', session }))).rejects.toThrow(
      'a fault of ours',
    );
    await expect(
      made.auth.authenticate(request('rename', { type: 'b', answer: 'fast', session })),
    ).rejects.toMatchObject({ code: 'M_LIMIT_EXCEEDED' });
    await made.auth.authenticate(request('rename', { type: 'b', answer: 'right', session }));
  });

  test('what is completed is not tried again', async () => {
    const { session } = await required(made.auth, request('transfer', { type: 'a', answer: 'right' }));
    const again = await required(made.auth, request('transfer', { type: 'a', answer: 'wrong', session }));
    expect(again).toMatchObject({ completed: ['a'], problem: undefined });
  });

  test('an operation that nobody may do has no way through', async () => {
    const { session, flows } = await required(made.auth, request('impossible', undefined));
    expect(flows).toEqual([]);
    await required(made.auth, request('impossible', { type: 'a', answer: 'right', session }));
  });

  test('finishing ends the session, once', async () => {
    const { session } = await required(made.auth, request('rename', undefined));
    const done = await made.auth.authenticate(request('rename', { type: 'b', answer: 'right', session }));
    // Until then it may be asked again, such as when the answer got lost.
    await made.auth.authenticate(request('rename', { session }));
    await made.auth.finishNow(done);
    await expect(made.auth.finishNow(done)).rejects.toMatchObject({ status: 400 });
    await expect(made.auth.authenticate(request('rename', { session }))).rejects.toMatchObject({ status: 400 });
    expect(made.stages[0]?.released.some((key) => Buffer.compare(key, done.session as SessionKey) === 0)).toBe(true);
  });

  test('a stage may be completed elsewhere', async () => {
    const { session } = await required(made.auth, request('rename', undefined));
    expect(await made.auth.completeElsewhere(session, 'b', 'from a page')).toBe(true);
    const done = await made.auth.authenticate(request('rename', { session }));
    expect(done.results.get('b')).toBe('from a page');
    expect(await made.auth.completeElsewhere('unknown', 'b', true)).toBe(false);
  });

  test('keeps what the operation wants kept', async () => {
    const keep = (more: object) => async (kept: object) => ({ ...kept, ...more });
    const { session } = await required(made.auth, request('transfer', undefined, { keep: keep({ one: 1 }) }));
    await required(made.auth, request('transfer', { type: 'a', answer: 'right', session }, { keep: keep({ two: 2 }) }));
    const done = await made.auth.authenticate(
      request('transfer', { type: 'b', answer: 'right', session }, { keep: keep({ three: 3 }) }),
    );
    expect(done.kept).toEqual({ one: 1, two: 2 });
  });

  test('two stages completed at once both count', async () => {
    const { session } = await required(made.auth, request('transfer', { type: 'a', answer: 'right' }));
    expect(await Promise.all(['b', 'c'].map((type) => made.auth.completeElsewhere(session, type, true)))).toEqual([
      true,
      true,
    ]);
    expect((await made.auth.authenticate(request('transfer', { session }))).results.size).toBe(3);
  });

  test('a user has at most twenty sessions: the oldest go', async () => {
    const user = newUser();
    const sessions: string[] = [];
    for (let i = 0; i < 21; i++)
      sessions.push((await required(made.auth, request('rename', undefined, { user }))).session);
    await expect(made.auth.authenticate(request('rename', { session: sessions[0] }, { user }))).rejects.toMatchObject({
      status: 400,
    });
    await required(made.auth, request('rename', { session: sessions[1] }, { user }));
  });

  test('parameters that are no JSON of Matrix are refused', async () => {
    await expect(
      made.auth.authenticate(request('rename', undefined, { binding: { amount: 1.5 } })),
    ).rejects.toMatchObject({ code: 'M_BAD_JSON' });
  });

  describe('as a state machine', () => {
    interface ModelSession {
      readonly id: string;
      readonly operation: string;
      readonly user: AuthRequest['user'];
      readonly to: string;
      completed: string[];
      over: boolean;
    }

    const operation = fc.constantFrom('transfer', 'rename');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('begin' as const), operation, user: fc.nat(1), to: fc.constantFrom('bob', 'eve') }),
      fc.record({
        kind: fc.constant('try' as const),
        session: fc.nat(7),
        stage: fc.constantFrom('a', 'b', 'c', 'd', undefined),
        answer: fc.constantFrom('right', 'wrong'),
        // What is asked for is mostly, but not always, what the session is for.
        change: fc.option(fc.record({ operation, user: fc.nat(1), to: fc.constantFrom('bob', 'eve') }), { freq: 4 }),
        finish: fc.boolean(),
      }),
      fc.constant({ kind: 'age' as const }),
    );

    test('no operation goes ahead but the one that its stages were completed for, in order, by the same user, in time, once', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const people = [newUser(), newUser()];
          const sessions: ModelSession[] = [];
          for (const each of steps) {
            if (each.kind === 'age') {
              made.forward(sessionLifetime);
              for (const session of sessions) session.over = true;
            } else if (each.kind === 'begin') {
              const user = people[each.user];
              const { session } = await required(
                made.auth,
                request(each.operation, undefined, { user, binding: { to: each.to } }),
              );
              if (sessions.length < 8)
                sessions.push({
                  id: session,
                  operation: each.operation,
                  user,
                  to: each.to,
                  completed: [],
                  over: false,
                });
            } else {
              const session = sessions[each.session];
              if (session) await tryStage(session, each, people);
            }
          }
        }),
        { numRuns: dialect === 'sqlite' ? 150 : 15 },
      );
    });

    async function tryStage(
      session: ModelSession,
      attempt: {
        stage: string | undefined;
        answer: string;
        change: { operation: string; user: number; to: string } | null;
        finish: boolean;
      },
      people: readonly AuthRequest['user'][],
    ): Promise<void> {
      const { stage, answer, change, finish } = attempt;
      const asked = {
        operation: change?.operation ?? session.operation,
        user: change ? people[change.user] : session.user,
        to: change?.to ?? session.to,
      };
      const same = asked.operation === session.operation && asked.user === session.user && asked.to === session.to;
      const flows = flowsOf[session.operation] as readonly AuthFlow[];
      const isNext = (type: string) =>
        flows.some(
          (flow) =>
            flow.includes(type) && flow.slice(0, flow.indexOf(type)).every((one) => session.completed.includes(one)),
        );
      const wasComplete = flows.some((flow) => flow.every((one) => session.completed.includes(one)));
      if (
        same &&
        !session.over &&
        !wasComplete &&
        stage !== undefined &&
        answer === 'right' &&
        isNext(stage) &&
        !session.completed.includes(stage)
      ) {
        session.completed.push(stage);
      }
      const goesAhead =
        same && !session.over && flows.some((flow) => flow.every((one) => session.completed.includes(one)));

      const given = { session: session.id, ...(stage === undefined ? {} : { type: stage, answer }) };
      const outcome = made.auth.authenticate(
        request(asked.operation, given, { user: asked.user, binding: { to: asked.to } }),
      );
      if (goesAhead) {
        const done = await outcome;
        expect([...done.results.keys()]).toEqual(session.completed);
        if (finish) {
          await made.auth.finishNow(done);
          session.over = true;
        }
      } else if (session.over) await expect(outcome).rejects.toMatchObject({ status: 400 });
      else if (!same) await expect(outcome).rejects.toMatchObject({ code: 'M_FORBIDDEN', status: 403 });
      else {
        const error = await outcome.catch((refusal: unknown) => refusal);
        expect(error).toBeInstanceOf(AuthenticationRequired);
        expect((error as AuthenticationRequired).state).toMatchObject({
          session: session.id,
          completed: session.completed,
        });
      }
    }
  });
});
