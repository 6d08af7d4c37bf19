import type { Endpoint } from '@myelin/api';

type Values = Readonly<Record<string, unknown>>;

/** Path and query of a call. Throws an Error where a parameter of the path is missing. */
export function callPath(endpoint: Endpoint, params: Values = {}, query: Values = {}, pathIndex = 0): string {
  const template = endpoint.paths[pathIndex];
  if (template === undefined) throw new Error(`${endpoint.id} has no path ${pathIndex}`);
  const path = template.replaceAll(/:([A-Za-z0-9_]+)/g, (_whole, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${endpoint.id} needs the parameter ${name}`);
    return encodeSegment(String(value));
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

/**
 * What others name may hold half a character, of which no path can be made: like in a query, another takes its place. A
 * segment `.` or `..` would be taken for a step in the path by what stands between the servers.
 */
function encodeSegment(value: string): string {
  return /^\.{1,2}$/.test(value) ? value.replaceAll('.', '%2E') : encodeURIComponent(value.toWellFormed());
}
