import { canonicalJson, CanonicalJsonError, getOwn, isJsonObject, type JsonValue } from '@myelin/protocol';

/** So much of what another server tells of a room is kept: events, and bytes in all. */
const mostEvents = 100;
const mostBytes = 512 * 1024;

/**
 * What another server tells of a room to who knocks, as the texts of stripped state: of each event type, sender, state
 * key and content. What is none is left out. Client-Server API §"Stripped state".
 */
export function strippedTexts(events: readonly unknown[]): string[] {
  const texts: string[] = [];
  let bytes = 0;
  for (const event of events.slice(0, mostEvents)) {
    const text = strippedText(event as JsonValue);
    if (text === undefined) continue;
    bytes += Buffer.byteLength(text);
    if (bytes > mostBytes) break;
    texts.push(text);
  }
  return texts;
}

function strippedText(event: JsonValue): string | undefined {
  if (!isJsonObject(event)) return undefined;
  const [type, sender, stateKey] = [getOwn(event, 'type'), getOwn(event, 'sender'), getOwn(event, 'state_key')];
  const content = getOwn(event, 'content');
  if (typeof type !== 'string' || typeof sender !== 'string' || typeof stateKey !== 'string') return undefined;
  if (!isJsonObject(content)) return undefined;
  try {
    return canonicalJson({ content, sender, state_key: stateKey, type }, 'lenient');
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}
