import { MatrixError } from '@myelin/api';
import type { Reader } from '@myelin/database';
import type { Events, TimelinePoint } from '../events/index.ts';
import type { RoomNid } from '../names/index.ts';

/**
 * A place between two events of a room: all events up to `(depth, position)`, that one included, are before it.
 * `t<depth>_<position>`; positions of fetched history are negative. In rooms whose history has forked `_<seenFrom>` follows.
 */
export function pointToken(point: TimelinePoint): string {
  return `t${point.depth}_${point.position}${point.seenFrom === undefined ? '' : `_${point.seenFrom}`}`;
}

/**
 * The place that a pagination token means in a room: a `t` token, or a sync token (`s<position>`), which stands behind the
 * newest event at its position. Throws M_INVALID_PARAM.
 */
export async function parsePoint(
  token: string,
  room: RoomNid,
  events: Events,
  reader?: Reader,
): Promise<TimelinePoint> {
  const point = /^t(\d{1,16})_(-?\d{1,15})(?:_(\d{1,15}))?$/.exec(token);
  if (point && Number.isSafeInteger(Number(point[1]))) {
    const seenFrom = point[3] === undefined ? undefined : Number(point[3]);
    return { depth: Number(point[1]), position: Number(point[2]), seenFrom };
  }
  const sync = /^s(\d{1,15})$/.exec(token);
  if (!sync) throw new MatrixError('M_INVALID_PARAM', 'That is not a token of this server');
  const at = await events.timeline.pointAt(room, Number(sync[1]), reader);
  return at ?? { depth: 0, position: 0 };
}

/** Whether a place comes before another in a room's timeline. */
export function isBefore(a: TimelinePoint, b: TimelinePoint): boolean {
  return a.depth < b.depth || (a.depth === b.depth && a.position < b.position);
}
