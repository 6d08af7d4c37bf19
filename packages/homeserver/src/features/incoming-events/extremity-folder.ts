import { MatrixError } from '@myelin/api';
import type { Log } from '../../observability/log.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomHead, Timeline } from '../timeline/index.ts';

export interface ExtremityFolderParts {
  readonly serverName: string;
  readonly names: Names;
  readonly members: RoomMembers;
  readonly timeline: Timeline;
  readonly log: Log;
}

/** A room with more ends than this gets an event that follows them all. */
const mostExtremities = 10;
/** So many local users are tried. */
const mostSenders = 5;

/** Keeps the ends of rooms few: each of them makes the current state dearer to find out. */
export class ExtremityFolder {
  readonly #parts: ExtremityFolderParts;

  constructor(parts: ExtremityFolderParts) {
    this.#parts = parts;
  }

  /** Sends an event that nobody is shown, by a local user who may, if the room has many ends. */
  async fold({ room, extremities }: Pick<RoomHead, 'room' | 'extremities'>): Promise<void> {
    if (extremities.length <= mostExtremities) return;
    for (const [sender, senderNid] of await this.#senders(room)) {
      try {
        await this.#parts.timeline.append(room, { type: 'org.matrix.dummy_event', content: {}, sender, senderNid });
        return;
      } catch (error) {
        if (!(error instanceof MatrixError)) throw error;
      }
    }
    this.#parts.log.info({ room, extremities: extremities.length }, 'no local user may fold the ends of a room');
  }

  async #senders(room: RoomNid): Promise<[string, UserNid][]> {
    const { names, members, serverName } = this.#parts;
    const found: [string, UserNid][] = [];
    for (const [user, userId] of await names.userIds(await members.joinedUsers(room)))
      if (found.length < mostSenders && userId.endsWith(`:${serverName}`)) found.push([userId, user]);
    return found;
  }
}
