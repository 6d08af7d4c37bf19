import type { JsonObject, JsonValue } from '@myelin/protocol';
import type { PeerAnswer, PeerRequest, TestPeer, TestServer } from '@myelin/testkit';
import { PeerRoom, type PeerEvent } from './peer-room.ts';

/** A room of a peer, of version 11, that lets others in without its members, and tells these when the test says so. */
export class PartialRoom extends PeerRoom {
  /** What it says when it is asked for the state, instead of the truth. */
  stateAnswer: (() => PeerAnswer) | undefined;
  stateRequests = 0;
  #release: () => void = () => {};
  readonly #released: Promise<void>;
  readonly #known: PeerEvent[] = [];

  constructor(peer: TestPeer) {
    super(peer);
    this.#released = new Promise((resolve) => (this.#release = resolve));
  }

  userId(localpart: string): string {
    return `@${localpart}:${this.peer.serverName}`;
  }

  /** From now on the members are told. */
  release(): void {
    this.#release();
  }

  /** Makes an event of any user at the end of the room. `cited`: their member event, if it isn't the room's. */
  by(sender: string, type: string, content: JsonObject, stateKey?: string, cited?: readonly PeerEvent[]): PeerEvent {
    const last = this.events.at(-1) as PeerEvent;
    const needed = ['m.room.create ', 'm.room.power_levels '];
    if (content['membership'] === 'join') needed.push('m.room.join_rules ');
    if (!cited) needed.push(`m.room.member ${sender}`);
    const auth = [...needed.flatMap((key) => this.state.get(key) ?? []), ...(cited ?? [])];
    const event = this.make(type, content, stateKey, {
      sender,
      prev_events: [last.eventId],
      auth_events: auth.map(({ eventId }) => eventId),
    });
    this.#known.push(event);
    return event;
  }

  /** The same, as part of the room. */
  put(sender: string, type: string, content: JsonObject, stateKey?: string): PeerEvent {
    const event = this.by(sender, type, content, stateKey);
    this.events.push(event);
    if (stateKey !== undefined) this.state.set(`${type} ${stateKey}`, event);
    return event;
  }

  enter(localpart: string): PeerEvent {
    const user = this.userId(localpart);
    return this.put(user, 'm.room.member', { membership: 'join' }, user);
  }

  async send(server: TestServer, ...events: PeerEvent[]): Promise<JsonObject> {
    const pdus = events.map(({ pdu }) => pdu) as unknown as JsonValue[];
    const body = { origin: this.peer.serverName, origin_server_ts: 1, pdus };
    const path = `/_matrix/federation/v1/send/${events.map(({ eventId }) => eventId.slice(1, 9)).join('')}`;
    return (await this.peer.send(server.serverName, 'PUT', path, { body })).body;
  }

  override async handle(request: PeerRequest): Promise<PeerAnswer | undefined> {
    const path = decodeURIComponent(request.url.split('?')[0] as string);
    const last = path.split('/').at(-1) as string;
    if (path.includes('/v2/send_join/')) {
      const pdu = JSON.parse(request.body) as PeerEvent['pdu'];
      const state = [...this.state]
        .filter(([key]) => !key.startsWith('m.room.member '))
        .map(([, { pdu: each }]) => each);
      const auth = this.events.filter((each) => each.pdu.state_key !== undefined).map((each) => each.pdu);
      this.events.push({ eventId: last, pdu });
      this.state.set(`m.room.member ${pdu.state_key}`, { eventId: last, pdu });
      return {
        body: {
          event: pdu,
          state,
          auth_chain: auth.filter((each) => each.type !== 'm.room.member' || each.sender === this.owner),
          members_omitted: true,
          servers_in_room: [this.peer.serverName],
        },
      };
    }
    if (path.includes('/state_ids/') || path.includes('/state/')) {
      this.stateRequests++;
      const before = [...this.state.values()].filter(({ pdu }) => pdu.sender.endsWith(this.peer.serverName));
      const truth = path.includes('/state_ids/')
        ? { pdu_ids: before.map(({ eventId }) => eventId), auth_chain_ids: this.#ids() }
        : { pdus: before.map(({ pdu }) => pdu), auth_chain: this.events.map(({ pdu }) => pdu) };
      await this.#released;
      return this.stateAnswer?.() ?? { body: truth };
    }
    const known = [...this.events, ...this.#known];
    if (path.includes('/v1/event/')) {
      const event = known.find(({ eventId }) => eventId === last);
      return event && { body: { origin: this.peer.serverName, origin_server_ts: 1, pdus: [event.pdu] } };
    }
    if (path.includes('/event_auth/'))
      return { body: { auth_chain: known.filter(({ pdu }) => pdu.state_key !== undefined).map(({ pdu }) => pdu) } };
    return super.handle(request);
  }

  #ids(): string[] {
    return this.events.filter(({ pdu }) => pdu.state_key !== undefined).map(({ eventId }) => eventId);
  }
}
