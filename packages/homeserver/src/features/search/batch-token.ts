import { MatrixError } from '@myelin/api';
import type { Place } from './search-store.ts';

/** Where the next page of a search begins: of all results, or of those in a room. */
export interface BatchToken {
  readonly room: string | undefined;
  readonly place: Place;
}

export function batchToken({ room, place }: BatchToken): string {
  const text = `${room === undefined ? 'all' : 'room_id'}\n${room ?? ''}\n${place.originServerTs}_${place.event}`;
  return Buffer.from(text).toString('base64url');
}

/** Throws M_INVALID_PARAM for what isn't a token of ours. */
export function parseBatchToken(token: string): BatchToken {
  const text = Buffer.from(token.slice(0, 1_000), 'base64url').toString();
  const match = /^(?:all\n|room_id\n(.+))\n(-?\d{1,16})_(\d{1,16})$/.exec(text);
  if (!match) throw new MatrixError('M_INVALID_PARAM', 'That is not a token of this server');
  return { room: match[1], place: { originServerTs: Number(match[2]), event: Number(match[3]) } };
}
