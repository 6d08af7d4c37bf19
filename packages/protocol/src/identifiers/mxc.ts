import { isServerName } from './server-name.ts';

/** What a Matrix content URI names. */
export interface MxcParts {
  readonly serverName: string;
  readonly mediaId: string;
}

const mediaId = /^[A-Za-z0-9_-]+$/;

/**
 * Parses `mxc://<server-name>/<media-id>` (Client-Server API, "Matrix Content URIs"); undefined if it isn't one. The media
 * id has only alphanumeric characters, `_` and `-`, so it is safe in paths.
 */
export function parseMxc(uri: string): MxcParts | undefined {
  if (!uri.startsWith('mxc://')) return undefined;
  const slash = uri.indexOf('/', 6);
  if (slash === -1) return undefined;
  const parts = { serverName: uri.slice(6, slash), mediaId: uri.slice(slash + 1) };
  return isMediaId(parts.mediaId) && isServerName(parts.serverName) ? parts : undefined;
}

/** Whether a value is to be shown where clients expect a content URI; what it names may be nothing. */
export function looksLikeMxc(value: unknown): value is string {
  return typeof value === 'string' && /^mxc:\/\/[^/]+\/[^/]+$/.test(value);
}

export function isMediaId(text: string): boolean {
  return mediaId.test(text);
}
