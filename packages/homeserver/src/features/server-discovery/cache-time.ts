const minute = 60_000;
const hour = 60 * minute;

export const wellKnownTimes = {
  /** Without a word of the other server, and at most (Server-Server API §"Resolving server names", step 3). */
  default: 24 * hour,
  longest: 48 * hour,
  /** Whatever it says: nobody has us ask at every request. */
  shortest: 5 * minute,
  /** After an answer that isn't one, or none. */
  failed: hour,
} as const;

/** How long (ms) an answer may be kept, by its `Cache-Control` and `Expires`. RFC 9111 §4.2.1. */
export function cacheTime(headers: Readonly<Record<string, string>>, now: number): number {
  const control = directives(headers['cache-control'] ?? '');
  let time: number = wellKnownTimes.default;
  const maxAge = control.get('max-age');
  if (control.has('no-store') || control.has('no-cache')) time = 0;
  else if (maxAge !== undefined && /^[0-9]+$/.test(maxAge)) time = Number(maxAge) * 1000 - ageOf(headers);
  else if (headers['expires'] !== undefined) {
    // What isn't a date (such as 0) is in the past. RFC 9111 §5.3.
    const expires = Date.parse(headers['expires']);
    time = Number.isNaN(expires) ? 0 : expires - now;
  }
  return Math.min(Math.max(time, wellKnownTimes.shortest), wellKnownTimes.longest);
}

function directives(header: string): Map<string, string> {
  return new Map(
    header.split(',').map((part) => {
      const [name = '', value = ''] = part.trim().split('=', 2);
      return [name.toLowerCase(), value.replaceAll('"', '')];
    }),
  );
}

function ageOf(headers: Readonly<Record<string, string>>): number {
  const age = headers['age'];
  return age !== undefined && /^[0-9]{1,9}$/.test(age) ? Number(age) * 1000 : 0;
}
