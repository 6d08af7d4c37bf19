import type { Json } from '../client/http-client.ts';
import type { TestClient } from '../client/test-client.ts';

type Section = 'join' | 'invite' | 'knock' | 'leave';

/**
 * A user of either server who remembers everything that syncs have brought, so that a test may wait for things in any
 * order.
 */
export class PeerUser {
  readonly client: TestClient;
  readonly userId: string;
  readonly serverName: string;
  readonly #timelines = new Map<string, Json[]>();
  readonly #sections = new Map<string, Section>();
  readonly #stripped = new Map<string, Json[]>();
  readonly #ephemeral = new Map<string, Json[]>();
  readonly #toDevice: Json[] = [];
  readonly #presence: Json[] = [];
  readonly #changedDevices = new Set<string>();

  constructor(client: TestClient, serverName: string) {
    this.client = client;
    this.userId = client.userId!;
    this.serverName = serverName;
  }

  async join(roomId: string, via: readonly string[] = [], expect: number | `M_${string}` = 200): Promise<void> {
    const params = { roomIdOrAlias: roomId };
    await this.client.call('joinRoom', { params, query: { via }, body: {} }, { expect });
  }

  async knock(roomId: string, via: readonly string[]): Promise<void> {
    await this.client.call('knockRoom', { params: { roomIdOrAlias: roomId }, query: { via }, body: {} });
  }

  async kick(roomId: string, target: PeerUser): Promise<void> {
    await this.client.call('kick', { params: { roomId }, body: { user_id: target.userId, reason: 'enough' } });
  }

  async ban(roomId: string, target: PeerUser): Promise<void> {
    await this.client.call('ban', { params: { roomId }, body: { user_id: target.userId } });
  }

  async unban(roomId: string, target: PeerUser): Promise<void> {
    await this.client.call('unban', { params: { roomId }, body: { user_id: target.userId } });
  }

  async redact(roomId: string, eventId: string): Promise<string> {
    const params = { roomId, eventId, txnId: this.client.nextTransaction() };
    return (await this.client.call('redactEvent', { params, body: { reason: 'wrong' } })).event_id;
  }

  /** Current state as this user's server has it: event by `type|state_key`. */
  async state(roomId: string): Promise<Map<string, Json>> {
    const events: Json[] = await this.client.call('getRoomState', { params: { roomId } });
    return new Map(events.map((event) => [`${event.type}|${event.state_key}`, event]));
  }

  /** Everything that this user may read, newest first. */
  async history(roomId: string): Promise<Json[]> {
    const events: Json[] = [];
    let from: string | undefined;
    do {
      const query = { dir: 'b', limit: 100, ...(from === undefined ? {} : { from }) };
      const page: Json = await this.client.call('getRoomEvents', { params: { roomId }, query });
      events.push(...page.chunk);
      from = page.end;
    } while (from !== undefined);
    return events;
  }

  /** Waits for an event in the room's timeline and returns it. */
  async sees(roomId: string, wanted: string | ((event: Json) => boolean)): Promise<Json> {
    const matches = typeof wanted === 'string' ? (event: Json) => event.event_id === wanted : wanted;
    return this.#until(() => this.#timelines.get(roomId)?.find(matches));
  }

  async seesText(roomId: string, body: string): Promise<Json> {
    return this.sees(roomId, (event) => event.content.body === body);
  }

  async seesMember(roomId: string, target: PeerUser, membership: string): Promise<Json> {
    return this.sees(roomId, (event) => event.state_key === target.userId && event.content.membership === membership);
  }

  /** Waits until the room stands in that section of sync. */
  async isIn(section: Section, roomId: string): Promise<void> {
    await this.#until(() => this.#sections.get(roomId) === section);
  }

  /** Waits for an invite, or for an own knock, and returns the stripped state that came with it. */
  async seesStripped(section: 'invite' | 'knock', roomId: string): Promise<Json[]> {
    await this.isIn(section, roomId);
    return this.#stripped.get(roomId) ?? [];
  }

  async seesEphemeral(roomId: string, matches: (event: Json) => boolean): Promise<Json> {
    return this.#until(() => this.#ephemeral.get(roomId)?.find(matches));
  }

  async seesToDevice(matches: (event: Json) => boolean): Promise<Json> {
    return this.#until(() => this.#toDevice.find(matches));
  }

  async seesPresence(matches: (event: Json) => boolean): Promise<Json> {
    return this.#until(() => this.#presence.find(matches));
  }

  /** Waits until sync says that the user's devices have changed; what it said before counts no more. */
  async seesDevicesChanged(other: PeerUser): Promise<void> {
    await this.#until(() => this.#changedDevices.delete(other.userId));
  }

  /** The to-device messages that have come so far. */
  get toDevice(): readonly Json[] {
    return this.#toDevice;
  }

  /** Forgets what EDUs have brought. */
  forgetEphemeral(): void {
    this.#ephemeral.clear();
    this.#presence.length = 0;
    this.#changedDevices.clear();
  }

  async #until<T>(find: () => T | undefined | false): Promise<T> {
    let found = find();
    if (found) return found;
    await this.client.syncUntil(
      (answer) => {
        this.#remember(answer);
        found = find();
        return Boolean(found);
      },
      { within: 30_000, filter: { room: { timeline: { limit: 100 } } } },
    );
    return found as T;
  }

  #remember(answer: Json): void {
    const rooms: Json = answer.rooms ?? {};
    // Who was put out and then invited is told of both at once.
    for (const section of ['leave', 'knock', 'invite', 'join'] as const) {
      for (const [roomId, room] of Object.entries<Json>(rooms[section] ?? {})) {
        this.#sections.set(roomId, section);
        append(this.#timelines, roomId, room.timeline?.events ?? []);
        append(this.#ephemeral, roomId, room.ephemeral?.events ?? []);
        const stripped = room.invite_state?.events ?? room.knock_state?.events;
        if (stripped) this.#stripped.set(roomId, stripped);
      }
    }
    this.#toDevice.push(...(answer.to_device?.events ?? []));
    this.#presence.push(...(answer.presence?.events ?? []));
    for (const userId of answer.device_lists?.changed ?? []) this.#changedDevices.add(userId);
  }
}

function append(lists: Map<string, Json[]>, roomId: string, events: readonly Json[]): void {
  lists.set(roomId, [...(lists.get(roomId) ?? []), ...events]);
}
