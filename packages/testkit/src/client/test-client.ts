import { HttpClient, type HttpClientOptions, type Json } from './http-client.ts';

export interface TestClientOptions extends HttpClientOptions {
  userId?: string | undefined;
  deviceId?: string | undefined;
}

export interface SyncOptions {
  since?: string | undefined;
  /** Milliseconds that the server may wait; 0 if not given. */
  timeout?: number;
  /** A filter's number, or the filter itself. */
  filter?: string | object;
  full_state?: boolean;
  set_presence?: 'offline' | 'online' | 'unavailable';
  use_state_after?: boolean;
}

export interface UntilOptions extends Omit<SyncOptions, 'timeout'> {
  /** Milliseconds after which the wait fails; 10 seconds if not given. */
  within?: number;
}

export interface CreateRoomOptions {
  preset?: 'private_chat' | 'public_chat' | 'trusted_private_chat';
  invite?: readonly string[];
  name?: string;
  room_version?: string;
  [member: string]: unknown;
}

/** A Matrix user on a device: the calls that every test needs by name, everything else by `call`. */
export class TestClient extends HttpClient {
  userId: string | undefined;
  deviceId: string | undefined;
  /** Where the last `sync` or `syncUntil` ended. */
  nextBatch: string | undefined;
  #transactions = 0;

  constructor(options: TestClientOptions) {
    super(options);
    this.userId = options.userId;
    this.deviceId = options.deviceId;
  }

  /** Registers a user and returns a client that is logged in as them. */
  async registerUser(localpart: string, password = defaultPassword(localpart), body: object = {}): Promise<TestClient> {
    return this.asHelper(async () => {
      const auth = { type: 'm.login.dummy' };
      return this.#loggedIn(
        await this.call('register', { body: { username: localpart, password, auth, ...body }, token: null }),
      );
    });
  }

  /** Registers a guest. */
  async registerGuest(): Promise<TestClient> {
    return this.asHelper(async () =>
      this.#loggedIn(await this.call('register', { query: { kind: 'guest' }, body: {}, token: null })),
    );
  }

  /** Logs in by password, on a new device unless one is named, and returns that device's client. */
  async login(user: string, password = defaultPassword(user), body: object = {}): Promise<TestClient> {
    return this.asHelper(async () => {
      const identifier = { type: 'm.id.user', user };
      return this.#loggedIn(
        await this.call('login', { body: { type: 'm.login.password', identifier, password, ...body }, token: null }),
      );
    });
  }

  /** Makes a room and returns its id. */
  async createRoom(options: CreateRoomOptions = {}): Promise<string> {
    return this.asHelper(async () => (await this.call('createRoom', { body: options })).room_id as string);
  }

  /** Joins a room by id or alias and returns its id. */
  async joinRoom(roomIdOrAlias: string): Promise<string> {
    return this.asHelper(
      async () => (await this.call('joinRoom', { params: { roomIdOrAlias }, body: {} })).room_id as string,
    );
  }

  async invite(roomId: string, userId: string): Promise<void> {
    await this.asHelper(() => this.call('inviteUser', { params: { roomId }, body: { user_id: userId } }));
  }

  async leaveRoom(roomId: string): Promise<void> {
    await this.asHelper(() => this.call('leaveRoom', { params: { roomId }, body: {} }));
  }

  /** Sends an event with a transaction id of its own and returns the event's id. */
  async sendEvent(roomId: string, eventType: string, content: object, txnId = this.nextTransaction()): Promise<string> {
    return this.asHelper(async () => {
      const params = { roomId, eventType, txnId };
      return (await this.call('sendMessage', { params, body: content })).event_id as string;
    });
  }

  async sendText(roomId: string, body: string): Promise<string> {
    return this.sendEvent(roomId, 'm.room.message', { msgtype: 'm.text', body });
  }

  /** Sets state and returns the event's id. */
  async sendState(roomId: string, eventType: string, content: object, stateKey = ''): Promise<string> {
    return this.asHelper(async () => {
      const params = { roomId, eventType, stateKey };
      return (await this.call('setRoomStateWithKey', { params, body: content })).event_id as string;
    });
  }

  /** A transaction id that this client hasn't used. */
  nextTransaction(): string {
    this.#transactions += 1;
    return `t${this.#transactions}`;
  }

  /** One sync. Without `since` it is an initial one. */
  async sync(options: SyncOptions = {}): Promise<Json> {
    return this.asHelper(async () => {
      const { filter, timeout = 0, ...rest } = options;
      const query = {
        ...rest,
        timeout,
        ...(filter === undefined ? {} : { filter: typeof filter === 'string' ? filter : JSON.stringify(filter) }),
      };
      const answer = await this.call('sync', { query });
      this.nextBatch = answer.next_batch;
      return answer;
    });
  }

  /**
   * Syncs, by long poll, until an answer satisfies `predicate`, and returns that answer. Goes on from where the last
   * sync ended unless `since` says otherwise.
   */
  async syncUntil(predicate: (answer: Json) => boolean, options: UntilOptions = {}): Promise<Json> {
    const { within = 10_000, since = this.nextBatch, ...rest } = options;
    const deadline = performance.now() + within;
    let from = since;
    for (;;) {
      const left = Math.max(0, Math.round(deadline - performance.now()));
      const answer = await this.sync({ ...rest, since: from, timeout: left });
      if (predicate(answer)) return answer;
      if (left === 0) {
        const last = JSON.stringify(answer).slice(0, 800);
        throw new Error(
          `${this.userId}: what the test waits for didn't come in ${within} ms; the last sync was ${last}`,
        );
      }
      from = answer.next_batch;
    }
  }

  /** Waits until a room's timeline brings an event that satisfies `predicate` (or has the given id) and returns it. */
  async waitForEvent(
    roomId: string,
    wanted: string | ((event: Json) => boolean),
    options: UntilOptions = {},
  ): Promise<Json> {
    const matches = typeof wanted === 'string' ? (event: Json) => event.event_id === wanted : wanted;
    let found: Json;
    await this.syncUntil((answer) => {
      found = timelineOf(answer, roomId).find(matches);
      return found !== undefined;
    }, options);
    return found;
  }

  /** Waits until an invitation to the room arrives and returns its stripped state. */
  async waitForInvite(roomId: string, options: UntilOptions = {}): Promise<Json[]> {
    const answer = await this.syncUntil((one) => one.rooms?.invite?.[roomId] !== undefined, options);
    return answer.rooms.invite[roomId].invite_state?.events ?? [];
  }

  /** Another client of the same server, without an access token. */
  anonymous(): TestClient {
    return new TestClient({ ...this.options, accessToken: undefined });
  }

  /** The same server with another access token. */
  withToken(accessToken: string, userId?: string, deviceId?: string): TestClient {
    return new TestClient({ ...this.options, accessToken, userId, deviceId });
  }

  #loggedIn(answer: Json): TestClient {
    return this.withToken(answer.access_token, answer.user_id, answer.device_id);
  }
}

/** The events of a room's timeline in a sync answer. */
export function timelineOf(answer: Json, roomId: string): Json[] {
  return answer.rooms?.join?.[roomId]?.timeline?.events ?? [];
}

/** The password that `registerUser` and `login` take when none is given; a user id or a localpart names the same one. */
export function defaultPassword(user: string): string {
  return `correct horse ${user.replace(/^@/, '').replace(/:.*$/, '')}`;
}
