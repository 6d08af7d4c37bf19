import type { Events, StoredEvent } from '../events/index.ts';
import type { EventMention, Standing } from './explanation.ts';

export function standingOf(event: StoredEvent): Standing {
  if (event.isRejected) return 'rejected';
  if (event.isSoftFailed) return 'soft-failed';
  return event.isOutlier ? 'outlier' : 'accepted';
}

export function mentionOf(event: StoredEvent): EventMention {
  const { eventId, type, stateKey, sender } = event;
  const { depth } = event.fields;
  const standing = standingOf(event);
  return { eventId, isKnown: true, type, ...(stateKey !== undefined && { stateKey }), sender, depth, standing };
}

export async function mentionsOf(eventIds: readonly string[], events: Events): Promise<EventMention[]> {
  const known = await events.findMany(eventIds);
  return eventIds.map((eventId) => {
    const event = known.get(eventId);
    return event ? mentionOf(event) : { eventId, isKnown: false };
  });
}
