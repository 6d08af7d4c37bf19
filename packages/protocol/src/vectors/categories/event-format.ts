import { authStateOf, type EventWithId } from '../../auth/auth-state.ts';
import { checkEventAuth } from '../../auth/check-event-auth.ts';
import { maxAuthEvents, maxEventBytes, maxOwnEventBytes } from '../../events/event-limits.ts';
import { createEventIdOfRoom, type Pdu } from '../../events/event.ts';
import { checkEventFormat, parsePdu } from '../../events/format.ts';
import { isJsonObject, type JsonObject } from '../../json/value.ts';
import type { RoomVersion } from '../../room-versions.ts';
import { versionOf, type Category, type Vector } from '../category.ts';

function answer(vector: Vector): JsonObject {
  const version = versionOf(vector);
  const event = vector.input['event'];
  // Nested too deeply to be read at all.
  if (event === undefined) return { accepted: false, stage: 'parse' };
  const result = checkEventFormat(event, version);
  if (!result.ok) {
    const { problem } = result;
    const isSize = problem.reason === 'field-over-255' || problem.reason === 'event-over-65536-bytes';
    const refusal: JsonObject = { accepted: false, stage: problem.stage };
    return isSize ? { ...refusal, stored_as_rejected: result.formatted !== undefined } : refusal;
  }
  const creator = vector.input['creator'];
  if (typeof creator === 'string' && result.event.type === 'm.room.power_levels') {
    if (!arePowerLevelsAllowed(result.event, creator, version)) return { accepted: false, stage: 'power-levels' };
  }
  return { accepted: true, event_id: result.eventId };
}

/** Whether the values are allowed in a room that has no power levels yet. */
function arePowerLevelsAllowed(event: Pdu, creator: string, version: RoomVersion): boolean {
  const roomId = event.room_id as string;
  const create: EventWithId = {
    eventId: createEventIdOfRoom(roomId),
    pdu: { ...event, type: 'm.room.create', sender: creator, state_key: '', content: { creator } },
  };
  const join: EventWithId = {
    eventId: '$join',
    pdu: { ...event, type: 'm.room.member', sender: creator, state_key: creator, content: { membership: 'join' } },
  };
  const decision = checkEventAuth(event, authStateOf([create, join]), version);
  return decision.allowed || !decision.reason.startsWith('power-levels-');
}

function causeOf(vector: Vector): string {
  const event = vector.input['event'];
  if (!isJsonObject(event)) return '';
  if (typeof event['content'] === 'number' || typeof event['hashes'] === 'number') return 'number-for-object';
  const parsed = parsePdu(event, versionOf(vector));
  if (!parsed.ok) return '';
  if (parsed.event.auth_events.length === maxAuthEvents) return 'ten-auth-events';
  const bytes = Buffer.byteLength(parsed.canonical.textWithoutUnsigned());
  return bytes > maxOwnEventBytes && bytes <= maxEventBytes ? 'size-of-empty-unsigned' : '';
}

export const eventFormatVectors: Category = {
  name: 'event-format',
  answer,
  facts: (vector) => ({ cause: causeOf(vector) }),
};
