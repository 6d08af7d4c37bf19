import { MatrixError } from '@myelin/api';
import { domainOf } from '@myelin/protocol';
import { randomFraction, type Cancellable, type Random, type Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { RoomHead, RoomHeads, Timeline } from '../timeline/index.ts';

export interface ExtremityFolderParts {
  readonly serverName: string;
  readonly timers: Timers;
  readonly random: Random;
  readonly names: Names;
  readonly members: RoomMembers;
  readonly roomServers: Pick<JoinedServers, 'inRoom'>;
  readonly heads: RoomHeads;
  readonly timeline: Timeline;
  readonly log: Log;
}

/** A room with more ends than this gets an event that follows them all. */
const mostExtremities = 10;
/** At once, if so many of them are more than each server's first: who follows its own events makes one end. */
const mostBesides = 8;
/** So many local users are tried. */
const mostSenders = 5;
/**
 * Otherwise one of the room's servers does it for all, the one whose wait is over first: the longest wait, in ms, for each server
 * in the room, and its bounds. If all did it at once, these events would be as many ends again.
 */
const waits = { eachServer: 1_000, shortest: 5_000, longest: 300_000 };

/** Keeps the ends of rooms few: each of them makes the current state dearer to find out. */
export class ExtremityFolder {
  readonly #parts: ExtremityFolderParts;
  readonly #waiting = new Map<RoomNid, Cancellable>();
  readonly #underWay = new Set<Promise<void>>();
  #isStopped = false;

  constructor(parts: ExtremityFolderParts) {
    this.#parts = parts;
  }

  /** Sends an event that nobody is shown, by a local user who may, if the room has many ends: now, or if it still has after a while. */
  async fold(head: Pick<RoomHead, 'room' | 'extremities'>): Promise<void> {
    const { room, extremities } = head;
    if (extremities.length <= mostExtremities) return;
    const servers = new Set(extremities.map(({ sender }) => domainOf(sender)));
    if (extremities.length - servers.size > mostBesides) return this.#fold(head);
    if (this.#waiting.has(room) || this.#isStopped) return;
    const inRoom = (await this.#parts.roomServers.inRoom(room)).size;
    const longest = Math.min(Math.max(inRoom * waits.eachServer, waits.shortest), waits.longest);
    const wait = longest * randomFraction(this.#parts.random);
    if (this.#waiting.has(room) || this.#isStopped) return;
    this.#waiting.set(
      room,
      this.#parts.timers.after(wait, () => this.#whenDue(room)),
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const each of this.#waiting.values()) each.cancel();
    this.#waiting.clear();
    await Promise.all(this.#underWay);
  }

  #whenDue(room: RoomNid): void {
    this.#waiting.delete(room);
    const work = this.#foldStill(room)
      .catch((err: unknown) => this.#parts.log.warn({ room, err }, 'the ends of a room could not be folded'))
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #foldStill(room: RoomNid): Promise<void> {
    const { heads } = this.#parts;
    const head = await heads.find(room);
    if (!head || head.extremities.length <= mostExtremities) return;
    await this.#fold(head);
    // An event follows only so many others.
    const now = await heads.find(room);
    if (now && now.extremities.length < head.extremities.length) await this.fold(now);
  }

  async #fold({ room, extremities }: Pick<RoomHead, 'room' | 'extremities'>): Promise<void> {
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
