import { federation, MatrixError } from '@myelin/api';
import {
  canonicalJson,
  CanonicalJsonError,
  getOwn,
  looksLikeMxc,
  parseUserId,
  type JsonObject,
  type JsonValue,
} from '@myelin/protocol';
import { FederationError, type FederationClient } from '../federation-client/index.ts';
import type { RemoteProfiles } from '../profiles/index.ts';

/** Of a whole profile, in bytes: what the specification allows, and some room. */
const largestAnswer = 256 * 1024;
const largestProfile = 65_536;
/** For all of an answer, in milliseconds. */
const patience = 20_000;

/** Asks other servers for the profiles of their users. Server-Server API §"Querying for information". */
export class FederatedProfiles implements RemoteProfiles {
  readonly #client: FederationClient;

  constructor(client: FederationClient) {
    this.#client = client;
  }

  async fetch(userId: string, field: string | undefined): Promise<JsonObject> {
    const server = parseUserId(userId)?.serverName;
    if (server === undefined) throw new MatrixError('M_INVALID_PARAM', 'Invalid user id');
    const query = { user_id: userId, ...(field === undefined ? {} : { field }) };
    try {
      const answer = await this.#client.call(
        server,
        federation.queryProfile,
        { query },
        // Somebody asks now: what failed before may be there again.
        { longestMs: patience, maxBytes: largestAnswer, retries: 'none', ignoreBackoff: true },
      );
      return shown(answer as JsonObject, field);
    } catch (error) {
      throw refusal(error);
    }
  }
}

/** Members that clients read as texts: what is of another shape is left out. */
const texts: ReadonlySet<string> = new Set(['displayname', 'avatar_url', 'm.tz']);

function isField(name: string, value: JsonValue): boolean {
  if (!texts.has(name)) return true;
  return name === 'avatar_url' ? looksLikeMxc(value) : typeof value === 'string';
}

/** Older servers say null for what isn't set. */
function shown(profile: JsonObject, field: string | undefined): JsonObject {
  const fields = Object.entries(profile).filter(([name, value]) => value !== null && isField(name, value));
  const known = Object.fromEntries(fields) as JsonObject;
  const value = field === undefined ? undefined : getOwn(known, field);
  const wanted: JsonObject = field === undefined ? known : value === undefined ? {} : { [field]: value };
  if (!fits(wanted)) throw failed();
  return wanted;
}

function fits(profile: JsonObject): boolean {
  try {
    return Buffer.byteLength(canonicalJson(profile, 'lenient')) <= largestProfile;
  } catch (error) {
    if (error instanceof CanonicalJsonError) return false;
    throw error;
  }
}

function refusal(error: unknown): unknown {
  if (!(error instanceof FederationError)) return error;
  if (error.kind === 'refused' && error.status === 404) return new MatrixError('M_NOT_FOUND', 'Profile was not found');
  if (error.kind === 'refused' && error.status === 403)
    return new MatrixError('M_FORBIDDEN', "The user's server doesn't show their profile");
  if (error.kind === 'not-allowed') return new MatrixError('M_FORBIDDEN', 'This server does not speak with theirs');
  return failed();
}

function failed(): MatrixError {
  return new MatrixError('M_UNKNOWN', 'Failed to fetch profile', { status: 502 });
}
