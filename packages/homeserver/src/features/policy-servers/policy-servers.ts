import { federation, MatrixError } from '@myelin/api';
import type { Reader } from '@myelin/database';
import {
  CanonicalEvent,
  getOwn,
  isJsonObject,
  isServerName,
  maxEventBytes,
  parseJson,
  VerifyKey,
  type JsonObject,
  type JsonValue,
  type RoomVersion,
} from '@myelin/protocol';
import { FederationError, type FederationClient } from '../federation-client/index.ts';
import type { EventNid, Names, StateKeyNid } from '../names/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { Approvals, Approver, RoomHead, RoomStates } from '../timeline/index.ts';
import { refusalFor } from './refusals.ts';

export interface PolicyServersParts {
  readonly names: Names;
  readonly states: RoomStates;
  readonly roomServers: Pick<RoomServers, 'isInRoom'>;
  readonly client: FederationClient;
}

/** Why a room's policy server doesn't want an event, and the event that made it the room's. */
export interface Unwanted {
  readonly reason: readonly [code: string, reason: string];
  readonly refusers: readonly EventNid[];
}

/** What a room's policy server says of an event. */
export interface Recommendation {
  /** Such an event is soft-failed. */
  readonly unwanted?: Unwanted;
  /** The event with the signature that had to be asked for, as `CheckedPdu.json`: to be kept so, since others may ask us for it. */
  readonly json?: string;
}

/** Whether rooms' policy servers want events of other servers. */
export interface Recommendations {
  /** False: no room has a policy server. */
  readonly isPossible: boolean;
  of(
    head: RoomHead,
    event: JsonObject & { readonly type: string; readonly state_key?: string },
  ): Promise<Recommendation>;
}

/** Who asks for recommendations, if there is anybody to ask. */
export interface Recommending {
  readonly policies?: Recommendations;
}

/** What a room's m.room.policy says. */
interface Policy {
  readonly server: string;
  readonly key: VerifyKey;
}

/** The policy that stands in a room. */
interface StandingPolicy extends Policy {
  readonly event: EventNid;
}

const type = 'm.room.policy';
/** Signatures of policy servers are always called so. */
export const policyKeyId = 'ed25519:policy_server';
const longestMs = 10_000;
const largestAnswer = 64 * 1024;

/**
 * Rooms that have another server look at each event before it is sent. Server-Server API §"Policy Servers". A policy
 * server that doesn't answer keeps the room silent: that is what the room has chosen.
 */
export class PolicyServers implements Approvals, Recommendations {
  readonly #parts: PolicyServersParts;
  /** Where policies are in states; undefined as long as no room of this server has had one. */
  #key: StateKeyNid | undefined;

  private constructor(parts: PolicyServersParts, key: StateKeyNid | undefined) {
    this.#parts = parts;
    this.#key = key;
  }

  static async open(parts: PolicyServersParts): Promise<PolicyServers> {
    return new PolicyServers(parts, await parts.names.findStateKey(type, ''));
  }

  /** Servers without a single policy pay nothing: as soon as there is one, its key is among those that were used last. */
  get isPossible(): boolean {
    this.#key ??= this.#parts.names.usedStateKey(type, '');
    return this.#key !== undefined;
  }

  async approver(
    head: RoomHead,
    event: { readonly type: string; readonly state_key?: string | undefined },
    reader?: Reader,
  ): Promise<Approver | undefined> {
    const policy = await this.#policyOf(head, event, reader);
    return policy && { approve: (version, json) => this.#approve(policy, version, json) };
  }

  async of(
    head: RoomHead,
    event: JsonObject & { readonly type: string; readonly state_key?: string },
  ): Promise<Recommendation> {
    const policy = await this.#policyOf(head, event);
    if (!policy) return {};
    const canonical = CanonicalEvent.of(event, head.version);
    if (isSigned(policy, canonical, event['signatures'])) return {};
    try {
      const json = withSignature(policy, event, canonical, await this.#ask(policy, event, canonical));
      // Others would refuse it if it were larger than events may be.
      return Buffer.byteLength(json) <= maxEventBytes ? { json } : {};
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      const says = `the room's policy server ${policy.server} has not signed the event`;
      return { unwanted: { reason: ['policy-server', says], refusers: [policy.event] } };
    }
  }

  /** Undefined where the room has none, or the event doesn't need it. */
  async #policyOf(
    head: RoomHead,
    event: { readonly type: string; readonly state_key?: string | undefined },
    reader?: Reader,
  ): Promise<StandingPolicy | undefined> {
    const { states, roomServers } = this.#parts;
    if (this.#key === undefined || (event.type === type && event.state_key === '')) return undefined;
    const stands = await states.getByKey(head.state, this.#key, reader);
    if (!stands) return undefined;
    const policy = policyIn(stands.content);
    if (!policy || !(await roomServers.isInRoom(head.room, policy.server))) return undefined;
    return { ...policy, event: stands.nid };
  }

  async #approve(policy: Policy, version: RoomVersion, json: string): Promise<string> {
    const parsed = parseJson(json);
    const event = (parsed.ok ? parsed.value : {}) as JsonObject;
    const canonical = CanonicalEvent.of(event, version);
    return withSignature(policy, event, canonical, await this.#ask(policy, event, canonical));
  }

  /** Resolves to the signature. Throws MatrixError. */
  async #ask(policy: Policy, event: JsonObject, canonical: CanonicalEvent): Promise<string> {
    let answer: JsonObject;
    try {
      answer = await this.#parts.client.call(
        policy.server,
        federation.askPolicyServerToSign,
        { body: event },
        { longestMs, maxBytes: largestAnswer, retries: 'none' },
      );
    } catch (error) {
      throw error instanceof FederationError ? refusalFor(error) : error;
    }
    if (isSigned(policy, canonical, answer)) return signatureIn(policy, answer) as string;
    throw new MatrixError('M_FORBIDDEN', `The policy server ${policy.server} has not signed the event`);
  }
}

/** The event's text with the signature beside those that it has. Server-Server API §"Validating Policy Server signatures". */
function withSignature({ server }: Policy, event: JsonObject, canonical: CanonicalEvent, signature: string): string {
  const signatures = event['signatures'] as JsonObject;
  const own = (getOwn(signatures, server) ?? {}) as JsonObject;
  return canonical
    .with('signatures', { ...signatures, [server]: { ...own, [policyKeyId]: signature } })
    .textWithoutUnsigned();
}

/** Undefined unless it is valid. */
function policyIn(content: JsonObject): Policy | undefined {
  const server = getOwn(content, 'via');
  const keys = getOwn(content, 'public_keys');
  const text = isJsonObject(keys) ? getOwn(keys, 'ed25519') : undefined;
  if (typeof server !== 'string' || !isServerName(server) || typeof text !== 'string') return undefined;
  const key = text.length > 100 ? undefined : VerifyKey.fromBase64(text);
  return key && { server, key };
}

function signatureIn({ server }: Policy, signatures: JsonValue | undefined): string | undefined {
  const own = isJsonObject(signatures) ? getOwn(signatures, server) : undefined;
  const signature = isJsonObject(own) ? getOwn(own, policyKeyId) : undefined;
  return typeof signature === 'string' ? signature : undefined;
}

function isSigned(policy: Policy, canonical: CanonicalEvent, signatures: JsonValue | undefined): boolean {
  const signature = signatureIn(policy, signatures);
  return signature !== undefined && policy.key.verify(canonical.signableText(), signature);
}
