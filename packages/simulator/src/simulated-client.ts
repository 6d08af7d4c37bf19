import { createRoom, joinRoom, sendMessage, sync } from '@myelin/api';
import type { Timers } from '@myelin/runtime';
import { ConnectionLost, type SimulatedServer } from './simulated-server.ts';

interface SyncBody {
  next_batch: string;
  rooms: { join: Record<string, { timeline: { events: { event_id: string; type: string }[]; limited: boolean } }> };
}

/** Messages that the client has in its hands of one room, in the order in which they came. */
export interface SeenRoom {
  readonly events: string[];
  /** A gap was told: order and completeness hold from here on only. */
  gaps: number;
}

const retryMs = 50;
const filter = JSON.stringify({ room: { timeline: { limit: 100 } } });

/** A client that does what clients do: sends with transaction ids until it has an answer, and syncs on and on. */
export class SimulatedClient {
  readonly userId: string;
  readonly #server: SimulatedServer;
  readonly #timers: Timers;
  readonly token: string;
  #transactions = 0;
  #since: string | undefined;
  #stopped = false;
  readonly acknowledged: { room: string; eventId: string }[] = [];
  readonly seen = new Map<string, SeenRoom>();
  /** Answers that a well-behaved client must never get. */
  readonly complaints: string[] = [];

  constructor(userId: string, token: string, server: SimulatedServer, timers: Timers) {
    this.userId = userId;
    this.token = token;
    this.#server = server;
    this.#timers = timers;
  }

  async createRoom(version: string): Promise<string> {
    const body = await this.#untilAnswered(() =>
      this.#server.call(createRoom, {
        accessToken: this.token,
        body: { preset: 'public_chat', room_version: version },
      }),
    );
    return (body as { room_id: string }).room_id;
  }

  async join(room: string): Promise<void> {
    await this.#untilAnswered(() =>
      this.#server.call(joinRoom, { accessToken: this.token, params: { roomIdOrAlias: room }, body: {} }),
    );
  }

  /** Sends a message, with the same transaction id until the server answers. */
  async send(room: string, text: string): Promise<void> {
    const params = { roomId: room, eventType: 'm.room.message', txnId: `t${++this.#transactions}` };
    const body = await this.#untilAnswered(() =>
      this.#server.call(sendMessage, { accessToken: this.token, params, body: { msgtype: 'm.text', body: text } }),
    );
    this.acknowledged.push({ room, eventId: (body as { event_id: string }).event_id });
  }

  /** Syncs until `stop`. */
  async syncOn(): Promise<void> {
    while (!this.#stopped) await this.syncOnce(1_000);
  }

  async syncOnce(timeout: number): Promise<void> {
    const query = { filter, timeout: String(timeout), ...(this.#since === undefined ? {} : { since: this.#since }) };
    const body = (await this.#untilAnswered(() =>
      this.#server.call(sync, { accessToken: this.token, query }),
    )) as SyncBody;
    for (const [room, { timeline }] of Object.entries(body.rooms.join)) {
      const seen = this.seen.get(room) ?? { events: [], gaps: 0 };
      if (timeline.limited && seen.events.length > 0) seen.gaps++;
      seen.events.push(...timeline.events.map((event) => event.event_id));
      this.seen.set(room, seen);
    }
    this.#since = body.next_batch;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #untilAnswered(call: () => Promise<{ status: number; body: unknown }>): Promise<unknown> {
    for (;;) {
      try {
        const { status, body } = await call();
        if (status === 200) return body;
        this.complaints.push(`${this.userId} got ${status}: ${JSON.stringify(body)}`);
        return body;
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await this.#timers.sleep(retryMs);
      }
    }
  }
}
