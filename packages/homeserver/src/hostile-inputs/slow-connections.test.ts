import { connect, type Socket } from 'node:net';
import { describeServers, shiftableRuntime, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

/** Short enough to be waited for, long enough for a busy machine to read what was sent in time. */
const patience = { headers: 1_000, silence: 1_000, body: 60_000, checks: 100 };

/** A connection that says what it is told to say, and hears until the server ends it. */
class Line {
  readonly #socket: Socket;
  #heard = '';
  readonly ended: Promise<string>;

  constructor(baseUrl: string) {
    const { hostname, port } = new URL(baseUrl);
    this.#socket = connect(Number(port), hostname);
    this.#socket.on('data', (chunk) => (this.#heard += chunk.toString('latin1')));
    // That a reset follows the answer is no surprise: we go on talking.
    this.#socket.on('error', () => {});
    this.ended = new Promise((resolve) => this.#socket.on('close', () => resolve(this.#heard)));
  }

  say(text: string): void {
    this.#socket.write(text);
  }

  /** Stops listening: what the server sends stays on the way. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  heard(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#heard.includes(text)) resolve();
        else this.#socket.once('data', () => setImmediate(look));
      };
      look();
    });
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}

describeServers((start) => {
  const runtime = shiftableRuntime();
  let server: TestServer;
  let alice: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start({ patience, runtime });
    alice = await server.registerUser('alice');
    roomId = await alice.createRoom();
  });
  const put = (length: string): string =>
    `PUT /_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/slow HTTP/1.1\r\nHost: test\r\n` +
    `Authorization: Bearer ${alice.accessToken}\r\n${length}\r\n\r\n`;

  describe('a connection is ended', () => {
    it('on which nothing is said', async () => {
      expect(await new Line(server.baseUrl).ended).toMatch(/^$|^HTTP\/1\.1 408 /);
    });

    it('on which headers never end', async () => {
      const line = new Line(server.baseUrl);
      line.say('GET /_matrix/client/versions HTTP/1.1\r\nHost: test\r\n');
      // Saying a little more now and then doesn't help.
      const more = setInterval(() => line.say('X-More: x\r\n'), 40);
      const answer = await line.ended;
      clearInterval(more);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('{"errcode":"M_UNKNOWN"');
    });

    it('on which a body falls silent', async () => {
      const line = new Line(server.baseUrl);
      line.say(`${put('Content-Length: 100')}{"msgtype":`);
      await line.ended;
      const { chunk } = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b' } });
      expect(chunk[0].type).not.toBe('m.room.message');
    });

    it('on which an upload falls silent, and nothing of it is kept', async () => {
      const line = new Line(server.baseUrl);
      line.say(
        `POST /_matrix/media/v3/upload HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${alice.accessToken}\r\n` +
          'Content-Type: text/plain\r\nContent-Length: 1000\r\n\r\nabc',
      );
      await line.ended;
      await alice.sendText(roomId, 'still here');
    });

    it('on which a body creeps', async () => {
      const line = new Line(server.baseUrl);
      line.say(put('Transfer-Encoding: chunked'));
      const creeping = setInterval(() => {
        runtime.forward(10_000);
        line.say('1\r\n \r\n');
      }, 20);
      const answer = await line.ended;
      clearInterval(creeping);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('{"errcode":"M_UNKNOWN"');
    });

    it('that takes nothing of a large answer', async () => {
      const text = 'x'.repeat(60_000);
      // More than the system's buffers hold on the way. A few at a time: many at once keep a busy machine from reading the
      // headers of the last ones in the short time that they have here.
      const lane = async (): Promise<void> => {
        for (let i = 0; i < 30; i++) await alice.sendText(roomId, text);
      };
      await Promise.all(Array.from({ length: 5 }, lane));
      const line = new Line(server.baseUrl);
      line.pause();
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=150`;
      line.say(`GET ${path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${alice.accessToken}\r\n\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 3 * patience.silence));
      line.resume();
      const answer = await line.ended;
      expect(answer.length).toBeLessThan(150 * text.length);
    });
  });

  it('one that waits for news, or between two requests, is left alone', async () => {
    const { next_batch: since } = await alice.sync();
    const line = new Line(server.baseUrl);
    const request = (path: string): void =>
      line.say(`GET ${path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${alice.accessToken}\r\n\r\n`);
    request(`/_matrix/client/v3/sync?timeout=30000&since=${since}`);
    await new Promise((resolve) => setTimeout(resolve, 3 * patience.silence));
    const eventId = await alice.sendText(roomId, 'news');
    await line.heard(eventId);
    await new Promise((resolve) => setTimeout(resolve, 3 * patience.headers));
    expect(line.isOpen).toBe(true);
    request('/_matrix/client/versions');
    await line.heard('"versions"');
    line.hangUp();
  });

  it('many of them keep nobody else waiting', async () => {
    const lines = Array.from({ length: 300 }, () => new Line(server.baseUrl));
    for (const line of lines) line.say(`${put('Content-Length: 100')}{`);
    await alice.sendText(roomId, 'at once');
    await Promise.all(lines.map((line) => line.ended));
    await alice.sendText(roomId, 'and after');
  });
});
