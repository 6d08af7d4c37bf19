import {
  TestPeer,
  type Json,
  type PeerHandler,
  type StartFederation,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { PeerRoom } from './peer-room.ts';

/** A server with the user bob, and a peer with a room, which answers as a test says. */
export class HostileWorld {
  server!: TestServer;
  peer!: TestPeer;
  bob!: TestClient;
  /** A new one for each test. */
  room!: PeerRoom;

  /** Call it inside of `describe`. */
  constructor(start: StartFederation) {
    beforeAll(async () => {
      const config = { federation: { client_timeout: 2_000, max_short_retries: 0 } };
      [this.server] = (await start(1, { config })) as [TestServer];
      this.peer = await TestPeer.start();
      this.bob = await this.server.registerUser('bob');
    });
    afterAll(() => this.peer.stop());
    beforeEach(() => {
      this.room = new PeerRoom(this.peer);
      this.peer.received.length = 0;
      this.peer.handler = (request) => this.room.handle(request);
    });
  }

  /** Answers some requests in another way. */
  instead(handler: PeerHandler): void {
    this.peer.handler = async (request) => (await handler(request)) ?? this.room.handle(request);
  }

  /** Bob joins the peer's room. */
  join(expectation = {}): Promise<Json> {
    const { roomId } = this.room;
    const query = { via: [this.peer.serverName] };
    return this.bob.call('joinRoom', { params: { roomIdOrAlias: roomId }, query, body: {} }, expectation);
  }

  /** The bodies of the requests to paths with `part` in them. */
  sentTo(part: string): string[] {
    return this.peer.received.filter(({ url }) => url.includes(part)).map(({ body }) => body);
  }
}

/** An answer to requests with `part` in their paths. */
export function on(part: string, answer: PeerHandler): PeerHandler {
  return (request) => (request.url.includes(part) ? answer(request) : undefined);
}
