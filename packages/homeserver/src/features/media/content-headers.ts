/** What may be shown in a page. Client-Server API, "Serving inline content". */
const inlineTypes: ReadonlySet<string> = new Set([
  'text/css',
  'text/plain',
  'text/csv',
  'application/json',
  'application/ld+json',
  'image/jpeg',
  'image/gif',
  'image/png',
  'image/apng',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'video/ogg',
  'video/quicktime',
  'audio/mp4',
  'audio/webm',
  'audio/aac',
  'audio/mpeg',
  'audio/ogg',
  'audio/wave',
  'audio/wav',
  'audio/x-wav',
  'audio/x-pn-wav',
  'audio/flac',
  'audio/x-flac',
]);

/** Text that is taken for UTF-8 if its type doesn't say otherwise: Synapse's list. */
const textTypes: ReadonlySet<string> = new Set([
  'text/css',
  'text/csv',
  'text/html',
  'text/calendar',
  'text/plain',
  'text/javascript',
  'application/json',
  'application/ld+json',
  'application/rtf',
  'image/svg+xml',
  'text/xml',
]);

/** Media never changes, so any value will do; this is Synapse's, which clients may have kept. */
const etag = '1';

/** Headers that keep a browser from running what strangers uploaded. Client-Server API, "Content repository". */
const safetyHeaders = {
  'content-security-policy':
    "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; media-src 'self'; object-src 'self';",
  'x-content-security-policy': 'sandbox;',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow, noarchive, noimageindex',
} as const;

/** Kept by clients for a day; proxies ask each time, so that who may not see it doesn't get it. */
const cacheHeaders = { 'cache-control': 'public,max-age=86400,s-maxage=0,proxy-revalidate', etag } as const;

/** The headers of a file. `length` in bytes. */
export function contentHeaders(type: string, length: number, name: string | undefined): Record<string, string> {
  return {
    ...safetyHeaders,
    ...cacheHeaders,
    'content-type': textTypes.has(type.toLowerCase()) ? `${type}; charset=UTF-8` : type,
    'content-length': String(length),
    'content-disposition': contentDisposition(isInlineType(type) ? 'inline' : 'attachment', name),
  };
}

/** The headers of "304 Not Modified". */
export function notModifiedHeaders(): Record<string, string> {
  return { ...safetyHeaders, ...cacheHeaders };
}

/** Whether the client says (If-None-Match) that it has the file. */
export function hasCopy(ifNoneMatch: string | undefined): boolean {
  return ifNoneMatch !== undefined && /^(?:W\/)?"?1"?$/.test(ifNoneMatch.trim());
}

/** Parameters don't matter, but some browsers take what follows a comma for the type. */
function isInlineType(type: string): boolean {
  return !type.includes(',') && inlineTypes.has((type.split(';', 1)[0] as string).trim().toLowerCase());
}

/** RFC 6266: a name that is a token stands as it is, any other as RFC 5987 has it. */
export function contentDisposition(disposition: 'inline' | 'attachment', name: string | undefined): string {
  if (name === undefined || name === '') return disposition;
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return `${disposition}; filename=${name}`;
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${disposition}; filename*=utf-8''${encoded}`;
}
