import type { EventMention } from '@myelin/homeserver';

/** An event in one line. */
export function mention({ eventId, isKnown, type, stateKey, sender, standing }: EventMention): string {
  if (!isKnown) return `${eventId}  not here`;
  const key = stateKey === undefined ? '' : ` ${JSON.stringify(stateKey)}`;
  const aside = standing === undefined || standing === 'accepted' ? '' : `  (${standing})`;
  return `${eventId}  ${type}${key} by ${sender}${aside}`;
}
