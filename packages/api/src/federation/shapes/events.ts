import { Type } from 'typebox';
import { integer, jsonObject } from '../../shared.ts';

/** A list of events. What the items are is looked at one by one, so that a bad one is refused alone. */
export const pdus = Type.Array(Type.Unknown());

/** Some events and who sent them. */
export const pdusAnswer = Type.Object({
  origin: Type.Optional(Type.String()),
  origin_server_ts: Type.Optional(integer),
  pdus,
});

/** An event that the other server completes and signs. */
export const eventTemplate = Type.Object({ event: jsonObject, room_version: Type.Optional(Type.String()) });

export const joinAnswer = Type.Object({
  origin: Type.Optional(Type.String()),
  state: pdus,
  auth_chain: pdus,
  event: Type.Optional(jsonObject),
  members_omitted: Type.Optional(Type.Boolean()),
  servers_in_room: Type.Optional(Type.Array(Type.String())),
});
