import { ResolutionBudgetError } from '@myelin/protocol';
import { boundedCache } from '../../caches/index.ts';
import type { EventNid } from '../names/index.ts';

/** A power levels event and the one among its auth events; each event names one at most, so that they make a tree. */
interface Level {
  readonly nid: EventNid;
  readonly parent: EventNid | undefined;
  /** How many come before it. */
  readonly depth: number;
  /** An event farther back, the more so the deeper this one lies; the event itself if none comes before it. */
  readonly jump: EventNid;
}

interface Levels {
  get(nid: EventNid): Level | undefined;
  set(nid: EventNid, level: Level): unknown;
}

export interface PowerLevelSource {
  /** The power levels event among the auth events of another. */
  parentOf(nid: EventNid): Promise<EventNid | undefined>;
  /** Whether the event is stored; what isn't may come to nothing. */
  isStored(nid: EventNid): boolean;
  /** How many events may be looked at; beyond, ResolutionBudgetError. */
  readonly maxEvents: number;
  pause(): Promise<void> | undefined;
}

/** Events of so many changes of power levels are remembered, a hundred bytes each. */
const mostRemembered = 100_000;

/**
 * Finds positions on the mainline (Room Version 2, "Mainline ordering") without following it: where two branches of the tree
 * meet is found in about as many steps as their length has binary digits. An event is looked at once for that, when it is
 * met first.
 */
export class PowerLevelTree {
  readonly #levels = boundedCache<EventNid, Level>(mostRemembered);

  /**
   * The positions of power levels events, or of the first event on the mainline of `newest` that each goes back to: the
   * larger, the older; Infinity for one that goes back to none.
   */
  async positions(newest: EventNid, nids: readonly EventNid[], source: PowerLevelSource): Promise<number[]> {
    const search = new Search(this.#levels, source);
    const mainline = await search.level(newest);
    const positions: number[] = [];
    for (const nid of nids) {
      const meets = await search.meeting(await search.level(nid), mainline);
      positions.push(meets ? mainline.depth - meets.depth : Infinity);
    }
    return positions;
  }
}

class Search {
  readonly #levels: Levels;
  readonly #source: PowerLevelSource;
  readonly #unstored = new Map<EventNid, Level>();
  #looked = 0;

  constructor(levels: Levels, source: PowerLevelSource) {
    this.#levels = levels;
    this.#source = source;
  }

  async level(start: EventNid): Promise<Level> {
    const known = this.#known(start);
    if (known) return known;
    const path: EventNid[] = [];
    let above: Level | undefined;
    for (let at: EventNid | undefined = start; at !== undefined && !above;) {
      path.push(at);
      await this.#count();
      at = await this.#source.parentOf(at);
      above = at === undefined ? undefined : this.#known(at);
    }
    for (const nid of path.toReversed()) above = this.#keep(await this.#below(nid, above));
    return above as Level;
  }

  /** The newest event that two go back to, or are. */
  async meeting(a: Level, b: Level): Promise<Level | undefined> {
    let [x, y] = a.depth > b.depth ? [a, b] : [b, a];
    while (x.depth > y.depth) {
      const far = await this.level(x.jump);
      x = far.depth >= y.depth ? far : await this.level(x.parent as EventNid);
    }
    // At the same depth jumps are as long, so both stay at the same depth.
    while (x.nid !== y.nid) {
      if (x.parent === undefined || y.parent === undefined) return undefined;
      const [toX, toY]: [EventNid, EventNid] = x.jump === y.jump ? [x.parent, y.parent] : [x.jump, y.jump];
      x = await this.level(toX);
      y = await this.level(toY);
    }
    return x;
  }

  async #below(nid: EventNid, parent: Level | undefined): Promise<Level> {
    if (!parent) return { nid, parent: undefined, depth: 0, jump: nid };
    const near = await this.level(parent.jump);
    const far = await this.level(near.jump);
    const isEven = parent.depth - near.depth === near.depth - far.depth;
    return { nid, parent: parent.nid, depth: parent.depth + 1, jump: isEven ? far.nid : parent.nid };
  }

  #known(nid: EventNid): Level | undefined {
    return this.#unstored.get(nid) ?? this.#levels.get(nid);
  }

  #keep(level: Level): Level {
    if (this.#source.isStored(level.nid)) this.#levels.set(level.nid, level);
    else this.#unstored.set(level.nid, level);
    return level;
  }

  async #count(): Promise<void> {
    const { maxEvents } = this.#source;
    if (++this.#looked > maxEvents) throw new ResolutionBudgetError(maxEvents);
    const pause = this.#source.pause();
    if (pause) await pause;
  }
}
