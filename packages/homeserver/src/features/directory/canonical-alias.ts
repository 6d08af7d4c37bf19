import { isJsonObject, type JsonObject } from '@myelin/protocol';

/** Most aliases that are taken up at once. */
export const mostAliases = 1_000;

/** What an m.room.canonical_alias event calls aliases: the main one and the others. */
export function namesIn(content: JsonObject | undefined): unknown[] {
  const alias = content?.['alias'];
  const others = content?.['alt_aliases'];
  const main = alias === undefined || alias === null || alias === '' ? [] : [alias];
  return [...main, ...(Array.isArray(others) ? others : [])];
}

/** The content without some of its aliases. */
export function withoutAliases(content: JsonObject, isGone: (alias: unknown) => boolean): JsonObject {
  const { alias, alt_aliases: others, ...changed } = content;
  if (alias !== undefined && !isGone(alias)) changed['alias'] = alias;
  const left = Array.isArray(others) ? others.filter((other) => !isGone(other)) : [];
  if (left.length > 0) changed['alt_aliases'] = left;
  return changed;
}

/** Whether all that the content names is the one alias. */
export function namesOnly(content: unknown, alias: string | undefined): boolean {
  return isJsonObject(content) && namesIn(content).every((name) => name === alias);
}
