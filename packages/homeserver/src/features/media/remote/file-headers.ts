/** In UTF-16 units. */
const longestType = 256;
const longestName = 1_024;

/** The type that a server says a file has; what can't stand in a header isn't believed. */
export function typeOf(contentType: string | undefined): string {
  const type = contentType?.trim() ?? '';
  return type !== '' && type.length <= longestType && /^[\x20-\x7e]*$/.test(type) ? type : 'application/octet-stream';
}

/** The file name of a Content-Disposition (RFC 6266); undefined if it has none. */
export function nameOf(disposition: string | undefined): string | undefined {
  if (disposition === undefined || disposition.length > 4 * longestName) return undefined;
  const extended = /;\s*filename\*\s*=\s*utf-8''([^;\s]+)/i.exec(disposition)?.[1];
  const name = (extended === undefined ? undefined : decoded(extended)) ?? plainName(disposition);
  const clean = name
    ?.toWellFormed()
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\x00-\x1f\x7f]/g, '')
    .slice(0, longestName);
  return clean === '' ? undefined : clean;
}

function plainName(disposition: string): string | undefined {
  const match = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition);
  const text = match?.[1]?.replaceAll(/\\(.)/g, '$1') ?? match?.[2];
  // Headers come as latin1; many servers put UTF-8 into them.
  return text === undefined ? undefined : (decoded(text) ?? text);
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
