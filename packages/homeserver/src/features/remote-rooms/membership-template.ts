import {
  getOwn,
  isEventIdOfVersion,
  isJsonObject,
  maxAuthEvents,
  maxPrevEvents,
  parseUserId,
  roomVersion,
  type EventReference,
  type JsonObject,
  type JsonValue,
  type RoomVersion,
} from '@myelin/protocol';
import { randomString, type Clock, type Random } from '@myelin/runtime';
import { BadAnswer } from './bad-answer.ts';

/** What make_join, make_knock and make_leave answer. */
export interface TemplateAnswer {
  readonly event: Readonly<Record<string, unknown>>;
  readonly room_version?: string | undefined;
}

/** The membership event that we asked a template for. */
export interface WantedMembership {
  /** The server that gave the template. */
  readonly resident: string;
  readonly roomId: string;
  readonly userId: string;
  /** All that we say, `membership` included. */
  readonly content: JsonObject;
}

/** An event of ours, to be hashed and signed. */
export interface RebuiltEvent {
  readonly version: RoomVersion;
  readonly pdu: {
    auth_events: EventReference[];
    content: JsonObject;
    depth: number;
    origin_server_ts: number;
    prev_events: EventReference[];
    room_id: string;
    sender: string;
    state_key: string;
    type: string;
    event_id?: string;
  };
}

/**
 * Makes our event from another server's template. Of the template only the place in the graph is taken, and who
 * authorises a restricted join if it is a user of that server; everything else is what we asked for, or the template is
 * refused: nothing is signed that another server made up. Server-Server API §"Joining Rooms". Throws BadAnswer.
 */
export function rebuildFromTemplate(
  answer: TemplateAnswer,
  wanted: WantedMembership,
  clock: Clock,
  random: Random,
): RebuiltEvent {
  const { roomId, userId } = wanted;
  // Without a version it is one of the first two, which have the same format.
  const version = roomVersion(answer.room_version ?? '1');
  if (!version) throw new BadAnswer('The room version of the template is not known');
  const template = answer.event as JsonObject;
  const content = getOwn(template, 'content');
  if (!isJsonObject(content)) throw new BadAnswer('The template has no content');
  if (
    getOwn(template, 'type') !== 'm.room.member' ||
    getOwn(template, 'room_id') !== roomId ||
    getOwn(template, 'sender') !== userId ||
    getOwn(template, 'state_key') !== userId ||
    getOwn(content, 'membership') !== wanted.content['membership']
  ) {
    throw new BadAnswer('The template is not for what was asked');
  }
  const pdu: RebuiltEvent['pdu'] = {
    auth_events: references(getOwn(template, 'auth_events'), maxAuthEvents, version),
    content: { ...wanted.content, ...authoriser(content, wanted, version) },
    depth: depthOf(getOwn(template, 'depth')),
    origin_server_ts: clock.now(),
    prev_events: references(getOwn(template, 'prev_events'), maxPrevEvents, version),
    room_id: roomId,
    sender: userId,
    state_key: userId,
    type: 'm.room.member',
  };
  if (pdu.prev_events.length === 0) throw new BadAnswer('The template names no events before it');
  if (version.eventIdFormat === 'sender-chosen') {
    pdu.event_id = `$${randomString(random, 24)}:${parseUserId(userId)?.serverName ?? ''}`;
  }
  return { version, pdu };
}

/** The resident server vouches for restricted joins in the name of one of its own users, whose signature it then adds. */
function authoriser(
  content: JsonObject,
  { resident, content: own }: WantedMembership,
  version: RoomVersion,
): JsonObject {
  const userId = getOwn(content, 'join_authorised_via_users_server');
  if (userId === undefined || !version.restrictedJoins || own['membership'] !== 'join') return {};
  if (typeof userId !== 'string' || parseUserId(userId)?.serverName !== resident) {
    throw new BadAnswer('The template lets somebody vouch for the join who is not of that server');
  }
  return { join_authorised_via_users_server: userId };
}

function depthOf(value: JsonValue | undefined): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new BadAnswer('The depth of the template is not one');
  }
  return value;
}

function references(value: JsonValue | undefined, most: number, version: RoomVersion): EventReference[] {
  if (!Array.isArray(value) || value.length > most) throw new BadAnswer('The template names events in a wrong way');
  return value.map((entry) => reference(entry, version));
}

function reference(entry: JsonValue, version: RoomVersion): EventReference {
  const [id, hashes] = version.eventReferences === 'id' ? [entry, undefined] : Array.isArray(entry) ? entry : [];
  if (typeof id === 'string' && id.length <= 255 && isEventIdOfVersion(id, version)) {
    if (version.eventReferences === 'id') return id;
    const hash = isJsonObject(hashes) ? getOwn(hashes, 'sha256') : undefined;
    if (typeof hash === 'string' && /^[A-Za-z0-9+/]{43}$/.test(hash)) return [id, { sha256: hash }];
    // Synapse leaves the hashes of some events out, and nobody reads them.
    if (hash === undefined && isJsonObject(hashes)) return [id, {}];
  }
  throw new BadAnswer('The template names an event in a wrong way');
}
