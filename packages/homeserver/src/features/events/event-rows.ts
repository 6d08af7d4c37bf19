import type { SqlValue } from '@myelin/database';
import type { EventNid, TypeNid } from '../names/index.ts';
import { contentSpan } from './content-span.ts';
import { encodeEventId } from './event-id-code.ts';
import { StoredEvent, type StoredEventFields } from './stored-event.ts';

/** A row of the table of events. */
export interface EventRow {
  nid: number;
  room: number;
  type: number;
  state_key: number | null;
  sender: number;
  depth: number;
  origin_server_ts: number;
  position: number | null;
  state_before: number;
  state_after: number;
  status: number;
  redacted_by: number | null;
  event_id: Uint8Array;
  content_start: number;
  content_end: number;
  json: string;
  redacted_json: string | null;
}

export const eventColumns = [
  'nid',
  'room',
  'type',
  'state_key',
  'sender',
  'depth',
  'origin_server_ts',
  'position',
  'state_before',
  'state_after',
  'status',
  'redacted_by',
  'event_id',
  'content_start',
  'content_end',
  'json',
] as const;

export type NewStoredEvent = Omit<
  StoredEventFields,
  'nid' | 'contentStart' | 'contentEnd' | 'redactedBy' | 'unredactedJson'
>;

/** A new event as it is about to be stored under a number of `takeNid`. */
export function asStored(nid: EventNid, event: NewStoredEvent): StoredEvent {
  const [contentStart, contentEnd] = contentSpan(event.json);
  return new StoredEvent({
    ...event,
    nid,
    contentStart,
    contentEnd,
    redactedBy: undefined,
    unredactedJson: undefined,
  });
}

export function rowOf(fields: StoredEventFields, type: TypeNid): SqlValue[] {
  return [
    fields.nid,
    fields.room,
    type,
    fields.stateKeyNid ?? null,
    fields.senderNid,
    fields.depth,
    fields.originServerTs,
    fields.position ?? null,
    fields.stateBefore,
    fields.stateAfter,
    fields.status,
    null,
    encodeEventId(fields.eventId),
    fields.contentStart,
    fields.contentEnd,
    fields.json,
  ];
}

export function textOf(
  row: EventRow,
): Pick<StoredEventFields, 'json' | 'unredactedJson' | 'contentStart' | 'contentEnd'> {
  if (row.redacted_json === null) {
    return { json: row.json, unredactedJson: undefined, contentStart: row.content_start, contentEnd: row.content_end };
  }
  const [contentStart, contentEnd] = contentSpan(row.redacted_json);
  return { json: row.redacted_json, unredactedJson: row.json, contentStart, contentEnd };
}
