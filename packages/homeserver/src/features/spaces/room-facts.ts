import type { RoomCard } from '../directory/index.ts';

/** An m.space.child event as it is told. Client-Server API §GET /hierarchy. */
export interface SpaceChild {
  readonly type: string;
  readonly state_key: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly sender: string;
  readonly origin_server_ts: number;
}

/** What is told of a room. */
export type RoomFacts = RoomCard & {
  readonly room_version?: string;
  readonly encryption?: string;
  readonly allowed_room_ids?: string[];
};

/** A room of a space, and, if it is a space itself, the rooms in it. */
export interface SpaceRoom {
  readonly facts: RoomFacts;
  readonly children: readonly SpaceChild[];
}

export const spaceType = 'm.space';
