import { looksLikeMxc, type JsonValue } from '@myelin/protocol';

/**
 * What is told of a room under a name (`avatar_url`, `canonical_alias`, others), as clients expect it: text, a content URI,
 * an alias; undefined if what somebody has put there is none.
 */
export function shownText(name: string, value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (name === 'avatar_url' && !looksLikeMxc(value)) return undefined;
  return name === 'canonical_alias' && !value.startsWith('#') ? undefined : value;
}
