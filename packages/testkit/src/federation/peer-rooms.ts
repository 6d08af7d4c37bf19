import { randomUUID } from 'node:crypto';
import { hashAndSignEvent, roomVersion, type JsonObject, type JsonValue, type UnsignedPdu } from '@myelin/protocol';
import type { Expectation, Json, ReceivedAnswer } from '../client/http-client.ts';
import type { TestServer } from '../server/test-server.ts';
import type { TestPeer } from './test-peer.ts';

export interface SignedPeerEvent {
  readonly eventId: string;
  readonly event: JsonObject;
}

type Operation = 'join' | 'leave' | 'knock';

/** Versions that a peer says it knows. */
const allVersions = Array.from({ length: 12 }, (_none, index) => `ver=${index + 1}`).join('&');

/** What a peer does in the rooms of a server; every answer is checked against the specification. */
export class PeerRooms {
  readonly peer: TestPeer;
  readonly server: TestServer;

  constructor(peer: TestPeer, server: TestServer) {
    this.peer = peer;
    this.server = server;
  }

  userId(localpart: string): string {
    return `@${localpart}:${this.peer.serverName}`;
  }

  /** A signed request; `path` is what follows `/_matrix/federation`. */
  async request(
    method: string,
    path: string,
    body?: JsonValue,
    expectation: Expectation = {},
  ): Promise<ReceivedAnswer> {
    const uri = `/_matrix/federation${path}`;
    const { peer, server } = this;
    const authorization = peer.authorization(server.serverName, method, uri, body === undefined ? {} : { body });
    return server
      .client()
      .raw(
        method,
        uri,
        { headers: { authorization }, ...(body === undefined ? {} : { body }) },
        { expect: 200, ...expectation },
      );
  }

  async get(path: string, expectation?: Expectation): Promise<Json> {
    return (await this.request('GET', path, undefined, expectation)).body;
  }

  async put(path: string, body: JsonValue, expectation?: Expectation): Promise<Json> {
    return (await this.request('PUT', path, body, expectation)).body;
  }

  async template(
    operation: Operation,
    roomId: string,
    userId: string,
  ): Promise<{ event: JsonObject; room_version: string }> {
    const versions = operation === 'leave' ? '' : `?${allVersions}`;
    return this.get(`/v1/make_${operation}/${encoded(roomId)}/${encoded(userId)}${versions}`);
  }

  /** Completes an event, of a template for instance. */
  sign(event: JsonObject, version: string): SignedPeerEvent {
    const { hashes: _hashes, signatures: _signatures, ...rest } = event;
    const known = roomVersion(version);
    if (!known) throw new Error(`There is no room version ${version}`);
    const ownId =
      known.eventIdFormat === 'sender-chosen' ? { event_id: `$${randomUUID()}:${this.peer.serverName}` } : {};
    const signed = hashAndSignEvent(
      { ...rest, ...ownId } as unknown as UnsignedPdu,
      known,
      this.peer.serverName,
      this.peer.key,
    );
    return { eventId: signed.eventId, event: signed.event as JsonObject };
  }

  /** Hands in an event; `version` is the endpoint's. */
  async handIn(
    operation: Operation,
    roomId: string,
    { eventId, event }: SignedPeerEvent,
    expectation?: Expectation,
    options: { readonly version?: 'v1' | 'v2'; readonly query?: string } = {},
  ): Promise<Json> {
    const version = options.version ?? (operation === 'knock' ? 'v1' : 'v2');
    const path = `/${version}/send_${operation}/${encoded(roomId)}/${encoded(eventId)}${options.query ?? ''}`;
    return this.put(path, event, expectation);
  }

  /** Brings a user of the peer into a room; resolves to the answer of send_join. */
  async join(roomId: string, userId: string, query = ''): Promise<Json> {
    const { event, room_version: version } = await this.template('join', roomId, userId);
    return this.handIn('join', roomId, this.sign(event, version), {}, { query });
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text);
}
