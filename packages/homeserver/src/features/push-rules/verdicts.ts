import type { PushOutcome } from '@myelin/protocol';
import type { Events } from '../events/index.ts';
import type { UserNid } from '../names/index.ts';
import type { RoomMember } from '../room-members/index.ts';
import type { CountableEvent } from './countable-events.ts';
import type { ReaderRules } from './push-rules.ts';

/** What an event does for one reader; undefined: it doesn't notify them. */
export type Verdict = (event: CountableEvent) => PushOutcome | undefined;

/** For where there are no events to judge. */
export const noVerdict: Verdict = () => undefined;

/** Applies the rules of readers. Whether the reader wrote the event, and whether they may see it, is asked elsewhere. */
export class Verdicts {
  readonly #events: Events;

  constructor(events: Events) {
    this.#events = events;
  }

  async of(
    { event }: RoomMember,
    { evaluate, looksForDisplayName }: ReaderRules,
    ignored: ReadonlySet<UserNid>,
  ): Promise<Verdict> {
    const content = (this.#events.cached(event) ?? (await this.#events.get(event))).content;
    const displayName = typeof content['displayname'] === 'string' ? content['displayname'] : null;
    return ({ push, sender, isShown }) => {
      if (!isShown || ignored.has(sender)) return undefined;
      const outcome = evaluate(push, push.hasMentions && !looksForDisplayName ? null : displayName);
      return outcome.notify ? outcome : undefined;
    };
  }
}
