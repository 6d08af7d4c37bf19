import { parseEventId } from '../../identifiers/event-id.ts';
import { isMediaId, parseMxc } from '../../identifiers/mxc.ts';
import { parseRoomAlias } from '../../identifiers/room-alias.ts';
import { isRoomId } from '../../identifiers/room-id.ts';
import { parseServerName } from '../../identifiers/server-name.ts';
import { maxIdentifierBytes, type LocalpartAndServer } from '../../identifiers/sigil.ts';
import { isCompliantUserId, isLocalpartForNewUser, parseUserId } from '../../identifiers/user-id.ts';
import type { JsonObject } from '../../json/value.ts';
import type { Category } from '../category.ts';

const invalid: JsonObject = { valid: false };

function withParts(parts: LocalpartAndServer | undefined): JsonObject {
  return parts ? { valid: true, localpart: parts.localpart, domain: parts.serverName } : invalid;
}

function withHost(serverName: string): JsonObject {
  const parts = parseServerName(serverName);
  return parts ? { valid: true, host: parts.host, port: parts.port ?? null } : invalid;
}

const answers: Readonly<Record<string, (text: string) => JsonObject>> = {
  server_name: withHost,
  user_id(text) {
    const parts = parseUserId(text);
    return parts
      ? { ...withParts(parts), localpart_fit_for_new_user: isLocalpartForNewUser(parts.localpart) }
      : invalid;
  },
  user_id_historical: (text) => ({ valid: isCompliantUserId(text) }),
  room_alias: (text) => withParts(parseRoomAlias(text)),
  room_id: (text) => ({ valid: isRoomId(text) }),
  event_id(text) {
    const parts = parseEventId(text);
    return parts?.form === 'domain' ? withParts(parts) : { valid: parts !== undefined };
  },
  mxc(text) {
    const parts = parseMxc(text);
    return parts ? { ...withHost(parts.serverName), media_id: parts.mediaId } : invalid;
  },
};

/** For verdicts: the first thing that a grammar may have against a text. */
function causeOf(kind: string, text: string): string {
  if (kind === 'event_id' && parseEventId(text)?.form.startsWith('base64')) return 'hash';
  if (/^![A-Za-z0-9_-]{43}\n$/.test(text)) return 'line-break';
  const isId = kind !== 'mxc' && kind !== 'server_name';
  const shape = isId ? /^[@#!$]([^:]*):(.*)$/s : kind === 'mxc' ? /^mxc:\/\/[^/]*\/(.*)$/s : /^()/;
  const match = shape.exec(text);
  if (!match) return '';
  const [, first = '', rest = ''] = match;
  if (kind === 'mxc' && !isMediaId(first)) return 'media-id';
  if (isId && (first === '' || first.includes('\0'))) return 'localpart';
  if (isId && Buffer.byteLength(text) > maxIdentifierBytes) return 'length';
  const serverName = isId ? rest : kind === 'mxc' ? (text.split('/')[2] as string) : text;
  const port = /^(?:\[.*\]|[^:]*)(?::(.*))?$/s.exec(serverName)?.[1];
  if (port !== undefined && !/^[0-9]{1,5}$/.test(port)) return 'port';
  const host = port === undefined ? serverName : serverName.slice(0, -port.length - 1);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return 'ipv4';
  return host.length > 255 ? 'host-length' : '';
}

export const identifiersVectors: Category = {
  name: 'identifiers',
  answer({ input }) {
    const { kind, text } = input as { kind: string; text: string };
    const answer = answers[kind];
    if (!answer) throw new Error(`unknown kind of identifier: ${kind}`);
    return answer(text);
  },
  facts: ({ input }) => ({ cause: causeOf(input['kind'] as string, input['text'] as string) }),
};
