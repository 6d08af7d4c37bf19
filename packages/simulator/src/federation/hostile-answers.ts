import type { FederationRequest } from '@myelin/homeserver';
import {
  authStateOf,
  eventIdOf,
  isJsonObject,
  parseJson,
  selectAuthEvents,
  type JsonObject,
  type JsonValue,
  type Pdu,
} from '@myelin/protocol';
import type { HostileServer } from './hostile-server.ts';
import type { Reachable } from './simulated-network.ts';

/** How it answers what it is asked: as others do, with what is of no use, without end, or not at all. */
export const moods = ['plain', 'junk', 'endless', 'lying', 'silent', 'failing'] as const;
export type Mood = (typeof moods)[number];

const never = new Promise<never>(() => {});

/** What honest servers sign for those whom they ask to let them in: a membership of their own user, and nothing else. */
const signedMembers = new Set([
  'type',
  'sender',
  'state_key',
  'room_id',
  'event_id',
  'content',
  'depth',
  'origin',
  'origin_server_ts',
  'prev_events',
  'auth_events',
  'hashes',
  'signatures',
]);
const signedContent = new Set([
  'membership',
  'displayname',
  'avatar_url',
  'reason',
  'join_authorised_via_users_server',
]);

/** The ear of a hostile server: hears all that is sent to it, and answers by its mood. */
export class HostileAnswers implements Reachable {
  readonly #hostile: HostileServer;
  mood: Mood = 'plain';
  /** Servers that have taken a room from it: what they have of the room is its word. */
  readonly deceived = new Set<string>();
  /** What honest servers have signed that they shouldn't have. */
  readonly problems: string[] = [];

  constructor(hostile: HostileServer) {
    this.#hostile = hostile;
  }

  async exchange(request: FederationRequest): Promise<{ status: number; text: string }> {
    const { path, body } = request;
    const parsed = body === undefined ? undefined : parseJson(body);
    const content = parsed?.ok && isJsonObject(parsed.value) ? parsed.value : {};
    const [kind, , name = '', ...rest] = (path.split('?')[0] ?? '').split('/').slice(2).map(decodeURIComponent);
    if (kind === 'key') return answer(200, this.#hostile.keys());
    if (name === 'send') return this.#hear(content);
    if (this.mood === 'silent') return never;
    if (this.mood === 'failing') return answer(500, { errcode: 'M_UNKNOWN', error: 'no' });
    if (this.mood === 'junk' && this.#random.chance(50)) return { status: 200, text: this.#junk() };
    const made = this.#answerTo(name, request, rest, content);
    return made === undefined ? answer(404, { errcode: 'M_NOT_FOUND', error: 'no' }) : answer(200, made);
  }

  get #random() {
    return this.#hostile.random;
  }

  #hear(content: JsonObject): { status: number; text: string } {
    for (const pdu of (content['pdus'] ?? []) as Pdu[]) this.#hostile.learn(pdu, true);
    return answer(200, { pdus: {} });
  }

  #answerTo(
    name: string,
    request: FederationRequest,
    rest: readonly string[],
    content: JsonObject,
  ): JsonObject | undefined {
    const { room } = this.#hostile;
    if (!room) return undefined;
    const events = [...room.events.values()];
    switch (name) {
      case 'make_join':
        return this.#template(String(rest[1]));
      case 'send_join':
        return this.#joinAnswer(content, request);
      case 'get_missing_events':
        return { events: this.mood === 'endless' ? this.#endless(content) : this.#some(events) };
      case 'backfill':
        return { origin: this.#hostile.name, origin_server_ts: this.#hostile.clock.now(), pdus: this.#some(events) };
      case 'event': {
        const found = room.events.get(String(rest[0]));
        return (
          found && { origin: this.#hostile.name, origin_server_ts: 0, pdus: [this.#perhapsAnother(found, events)] }
        );
      }
      case 'event_auth':
        return { auth_chain: this.#some(events) };
      case 'state':
        return { pdus: this.#state(), auth_chain: events.filter(({ state_key: key }) => key !== undefined) };
      case 'state_ids':
        return {
          pdu_ids: this.#state().map((pdu) => eventIdOf(pdu, room.version)),
          auth_chain_ids: [...room.events.keys()].slice(0, 200),
        };
      default:
        return undefined;
    }
  }

  /** A join's template with more in it than anybody should sign. */
  #template(userId: string): JsonObject | undefined {
    const { room } = this.#hostile;
    if (!room) return undefined;
    const subject = { type: 'm.room.member', sender: userId, state_key: userId, content: { membership: 'join' } };
    const auth = selectAuthEvents(subject, authStateOf(room.state.values()), room.version).map(
      ({ eventId }) => eventId,
    );
    const lies = this.#random.pick<JsonObject>([
      {},
      { redacts: [...room.events.keys()][0] as string, 'org.example.extra': true },
      { content: { membership: 'join', 'org.example.extra': 'signed' } },
      { content: { membership: 'ban' } },
      { state_key: this.#hostile.userId },
      { sender: this.#hostile.userId },
      { type: 'm.room.power_levels', content: { users: { [this.#hostile.userId]: 100 } } },
      { depth: -5 },
      { prev_events: 'none' },
      { room_id: '!other:room.test' },
    ]);
    return {
      room_version: room.version.id,
      event: {
        ...subject,
        room_id: room.roomId,
        depth: 1 + Math.max(...[...room.events.values()].map(({ depth }) => Number(depth) % 1_000)),
        origin_server_ts: this.#hostile.clock.now(),
        prev_events: this.#hostile.references([[...room.events.keys()].at(-1) as string]),
        auth_events: this.#hostile.references(auth),
        ...lies,
      },
    };
  }

  #joinAnswer(event: JsonObject, { headers }: FederationRequest): JsonObject {
    const { state, events } = this.#hostile.room!;
    this.#checkSigned(event);
    const from = /origin="([^"]*)"/.exec(headers['authorization'] ?? '')?.[1];
    if (from !== undefined) this.deceived.add(from);
    this.#hostile.learn(event as Pdu, true);
    const all = [...state.values()].map(({ pdu }) => pdu);
    const forgedLevels = this.#hostile.make({
      type: 'm.room.power_levels',
      stateKey: '',
      content: { users: { [this.#hostile.userId]: 100 } },
    }).pdu;
    const lie = this.#random.pick<readonly Pdu[]>([
      all,
      [...all.filter(({ type }) => type !== 'm.room.power_levels'), forgedLevels],
      all.filter(({ type }) => type !== 'm.room.create'),
      all.filter(({ type }) => type !== 'm.room.join_rules'),
      [],
    ]);
    const chain = [...events.values()].filter(({ state_key: key }) => key !== undefined);
    return {
      origin: this.#hostile.name,
      event,
      members_omitted: false,
      servers_in_room: [this.#hostile.name],
      state: [...lie],
      auth_chain: [...(this.#random.chance(70) ? chain : []), { odd: true }],
    };
  }

  #checkSigned(event: JsonObject): void {
    const { sender, state_key: key, type, content } = event;
    const extra = Object.keys(event).filter((name) => !signedMembers.has(name));
    const inContent = isJsonObject(content)
      ? Object.keys(content).filter((name) => !signedContent.has(name))
      : ['none'];
    const isJoin =
      type === 'm.room.member' && sender === key && isJsonObject(content) && content['membership'] === 'join';
    if (!isJoin || extra.length > 0 || inContent.length > 0)
      this.problems.push(`${String(sender)}'s server signed what another made up: ${JSON.stringify(event)}`);
  }

  #state(): Pdu[] {
    const all = [...this.#hostile.room!.state.values()].map(({ pdu }) => pdu);
    return this.mood === 'lying' ? all.filter(() => this.#random.chance(70)) : all;
  }

  #some(events: readonly Pdu[]): JsonValue[] {
    const some = events.slice(-20);
    return this.mood === 'junk' ? [...some, 7, { odd: true }, ...events.slice(0, 5)] : [...some];
  }

  #perhapsAnother(event: Pdu, events: readonly Pdu[]): Pdu {
    return this.mood === 'lying' && this.#random.chance(50) ? this.#random.pick(events) : event;
  }

  /** Each has more before it, and so on. */
  #endless({ latest_events: latest }: JsonObject): Pdu[] {
    const before = `$${Buffer.from(this.#random.bytes(32)).toString('base64url')}`;
    const one = this.#hostile.make({ type: 'm.room.message', content: { body: 'more' }, prevEvents: [before] });
    const known = Array.isArray(latest) ? latest.map(String) : [];
    return [one.pdu, ...known.flatMap((id) => this.#hostile.room!.events.get(id) ?? [])];
  }

  #junk(): string {
    return this.#random.pick([
      '',
      '[]',
      '{"pdus":7}',
      'not JSON',
      '{"events":[[]],"pdus":[[]],"event":{}}',
      `[${'['.repeat(5_000)}`,
    ]);
  }
}

function answer(status: number, body: JsonObject): { status: number; text: string } {
  return { status, text: JSON.stringify(body) };
}
