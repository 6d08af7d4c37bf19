import { getOwn, isJsonObject, type JsonObject } from '@myelin/protocol';

/** What an event says it relates to. Client-Server API §"Forming relationships between events". */
export interface Relation {
  readonly relType: string;
  readonly parent: string;
  /** Of annotations: the reaction. */
  readonly key: string | undefined;
}

/** In UTF-16 units. */
const longestName = 255;
/** Longest key of an annotation, in UTF-16 units. */
export const longestKey = 500;

export function relationOf(content: JsonObject): Relation | undefined {
  const relatesTo = getOwn(content, 'm.relates_to');
  if (!isJsonObject(relatesTo)) return undefined;
  const relType = getOwn(relatesTo, 'rel_type');
  const parent = getOwn(relatesTo, 'event_id');
  if (typeof relType !== 'string' || typeof parent !== 'string') return undefined;
  if (relType.length > longestName || parent.length > longestName) return undefined;
  const key = getOwn(relatesTo, 'key');
  return { relType, parent, key: typeof key === 'string' && key.length <= longestKey ? key : undefined };
}
