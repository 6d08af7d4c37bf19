import {
  ban,
  createRoom,
  getRoomEvents,
  getRoomStateWithKey,
  inviteUser,
  joinRoom,
  kick,
  knockRoom,
  leaveRoom,
  redactEvent,
  sendMessage,
  setRoomStateWithKey,
  sync,
  unban,
  upgradeRoom,
  type Endpoint,
} from '@myelin/api';
import { domainOf } from '@myelin/protocol';
import type { Timers } from '@myelin/runtime';
import { ConnectionLost } from '../simulated-server.ts';
import type { WorldServer } from './federation-world.ts';

type Home = Pick<WorldServer, 'name' | 'server'> & Partial<Pick<WorldServer, 'watch'>>;

interface Result {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface ShownEvent {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly state_key?: string;
  readonly content: object;
  readonly unsigned?: { readonly redacted_because?: { readonly event_id: string } };
}

/** `text`: all that may not differ between servers. */
export interface ShownInHistory {
  readonly eventId: string;
  readonly isRedacted: boolean;
  readonly text: string;
}

export interface FirstSync {
  readonly text: string;
  readonly shown: ReadonlySet<string>;
}

const retryMs = 40;

/** A user of one of the servers: does things, and bears that they are refused. */
export class WorldUser {
  readonly userId: string;
  readonly home: Home;
  readonly #token: string;
  readonly #timers: Timers;
  #transactions = 0;
  /** Ids of the messages that their server has acknowledged. */
  readonly acknowledged: string[] = [];

  private constructor(userId: string, home: Home, token: string, timers: Timers) {
    this.userId = userId;
    this.home = home;
    this.#token = token;
    this.#timers = timers;
  }

  static async register(localpart: string, home: Home, timers: Timers): Promise<WorldUser> {
    const userId = `@${localpart}:${home.name}`;
    return new WorldUser(userId, home, await home.server.addUser(userId), timers);
  }

  /** One that has an account and an access token. */
  static signedIn(userId: string, token: string, home: Home, timers: Timers): WorldUser {
    return new WorldUser(userId, home, token, timers);
  }

  get token(): string {
    return this.#token;
  }

  async createRoom(version: string): Promise<string> {
    const { body } = await this.#call(createRoom, { body: { preset: 'public_chat', room_version: version } });
    return String(body['room_id']);
  }

  /** True once they are in. */
  async join(roomId: string, via: readonly string[]): Promise<boolean> {
    const { status } = await this.#call(joinRoom, {
      params: { roomIdOrAlias: roomId },
      query: { via, server_name: via },
      body: {},
    });
    return status === 200;
  }

  leave(roomId: string): Promise<Result> {
    return this.#call(leaveRoom, { params: { roomId }, body: {} });
  }

  async send(roomId: string, text: string): Promise<boolean> {
    const params = { roomId, eventType: 'm.room.message', txnId: `t${++this.#transactions}` };
    const { status, body } = await this.#call(sendMessage, { params, body: { msgtype: 'm.text', body: text } });
    if (status === 200) this.acknowledged.push(String(body['event_id']));
    return status === 200;
  }

  setState(roomId: string, eventType: string, stateKey: string, content: object): Promise<Result> {
    return this.#call(setRoomStateWithKey, { params: { roomId, eventType, stateKey }, body: content });
  }

  knock(roomId: string, via: readonly string[]): Promise<Result> {
    return this.#call(knockRoom, { params: { roomIdOrAlias: roomId }, query: { via, server_name: via }, body: {} });
  }

  /** Resolves to the room that takes the old one's place; undefined if it is refused. */
  async upgrade(roomId: string, version: string): Promise<string | undefined> {
    const { status, body } = await this.#call(upgradeRoom, { params: { roomId }, body: { new_version: version } });
    return status === 200 ? String(body['replacement_room']) : undefined;
  }

  /** Joins the room that has taken another one's place. Resolves to it, or to undefined if the user sees none, or isn't let in. */
  async follow(roomId: string): Promise<string | undefined> {
    const tombstone = await this.stateOf(roomId, 'm.room.tombstone', 'event');
    const { sender, content } = (tombstone ?? {}) as { sender?: string; content?: { replacement_room?: string } };
    const replacement = content?.replacement_room;
    if (sender === undefined || replacement === undefined) return undefined;
    return (await this.join(replacement, [domainOf(sender) ?? ''])) ? replacement : undefined;
  }

  /** The content of a state event with an empty key, or all of it, as the user sees it. */
  async stateOf(roomId: string, eventType: string, format = 'content'): Promise<Result['body'] | undefined> {
    const params = { roomId, eventType, stateKey: '' };
    const { status, body } = await this.#call(getRoomStateWithKey, { params, query: { format } });
    return status === 200 ? body : undefined;
  }

  kick(roomId: string, userId: string): Promise<Result> {
    return this.#call(kick, { params: { roomId }, body: { user_id: userId } });
  }

  ban(roomId: string, userId: string): Promise<Result> {
    return this.#call(ban, { params: { roomId }, body: { user_id: userId } });
  }

  unban(roomId: string, userId: string): Promise<Result> {
    return this.#call(unban, { params: { roomId }, body: { user_id: userId } });
  }

  invite(roomId: string, userId: string): Promise<Result> {
    return this.#call(inviteUser, { params: { roomId }, body: { user_id: userId } });
  }

  /** All events that they may see, newest first, with what must be alike everywhere as text; their server asks others for what it hasn't. */
  async history(roomId: string): Promise<ShownInHistory[]> {
    const events: ShownInHistory[] = [];
    let from: string | undefined;
    for (;;) {
      const query = { dir: 'b', limit: '100', ...(from === undefined ? {} : { from }) };
      const { status, body } = await this.#call(getRoomEvents, { params: { roomId }, query });
      if (status !== 200) return events;
      for (const event of body['chunk'] as ShownEvent[]) {
        const { event_id: eventId, type, sender, state_key: stateKey, content, unsigned } = event;
        // Of several redactions the first that came counts.
        const isRedacted = unsigned?.redacted_because !== undefined;
        events.push({ eventId, isRedacted, text: JSON.stringify({ type, sender, stateKey, content, isRedacted }) });
      }
      if (typeof body['end'] !== 'string') return events;
      from = body['end'];
    }
  }

  /** A first sync: its text, and the ids of the events in the timelines of rooms. */
  async everything(): Promise<FirstSync> {
    const filter = JSON.stringify({ room: { timeline: { limit: 100 } } });
    const { body } = await this.#call(sync, { query: { filter, timeout: '0' } });
    const { join = {} } = (body['rooms'] ?? {}) as { join?: Record<string, { timeline?: { events: ShownEvent[] } }> };
    const shown = Object.values(join).flatMap(({ timeline }) => timeline?.events ?? []);
    return { text: JSON.stringify(body), shown: new Set(shown.map((event) => event.event_id)) };
  }

  async redact(roomId: string, eventId: string): Promise<void> {
    await this.#call(redactEvent, { params: { roomId, eventId, txnId: `t${++this.#transactions}` }, body: {} });
  }

  /** Until their server is up and answers. */
  async #call(
    endpoint: Endpoint,
    call: { params?: Record<string, string>; query?: object; body?: unknown },
  ): Promise<Result> {
    for (;;) {
      try {
        const query = { ...call.query };
        const answer = await this.home.server.call(endpoint, { ...call, query, accessToken: this.#token });
        return answer as Result;
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await this.#timers.sleep(retryMs);
      }
    }
  }
}
