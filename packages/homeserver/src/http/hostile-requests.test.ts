import { connect } from 'node:net';
import { defaultPassword, describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

/** Sends bytes as they are and resolves to all that comes back until the server closes, or goes quiet after an answer. */
function rawExchange(baseUrl: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      // One complete answer is enough: what was refused gets no second one.
      if (/\r\n\r\n/.test(received)) socket.end();
    });
    socket.on('close', () => resolve(received));
    // Node closes some of these connections without waiting for the rest.
    socket.on('error', (error) => (received === '' ? reject(error) : resolve(received)));
  });
}

/** The same, but hears all answers that come until the server closes. */
function wholeExchange(baseUrl: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let roomId: string;
  let token: string;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    roomId = await alice.createRoom();
    const identifier = { type: 'm.id.user', user: 'alice' };
    const login = { type: 'm.login.password', identifier, password: defaultPassword('alice') };
    token = (await alice.call('login', { body: login, token: null })).access_token;
  });

  let transactions = 0;
  /** PUTs a message whose body is given byte by byte. */
  const put = async (
    body: string | Uint8Array,
    eventType = 'm.room.message',
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: any }> => {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${encodeURIComponent(eventType)}/hostile${++transactions}`;
    const answer = await fetch(server.baseUrl + path, {
      method: 'PUT',
      body: Buffer.from(body),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    });
    return { status: answer.status, body: await answer.json() };
  };
  /** The server is alive, and the room holds nothing but what was let in. */
  const stillServes = async (): Promise<void> => {
    const eventId = await alice.sendText(roomId, 'still here');
    await alice.call('getOneRoomEvent', { params: { roomId, eventId } });
  };

  describe('bodies', () => {
    it.each([
      ['not JSON', '{'],
      ['no JSON at all', 'hello'],
      ['empty', ''],
      ['NaN', '{"value": NaN}'],
      ['Infinity', '{"value": Infinity}'],
      ['a trailing comma', '{"value": 1,}'],
      ['two values', '{} {}'],
      ['a byte order mark', '\ufeff{}'],
    ])('that are %s are refused', async (_name, body) => {
      expect(await put(body)).toMatchObject({ status: 400, body: { errcode: 'M_NOT_JSON' } });
      await stillServes();
    });

    it('that are not UTF-8 are refused', async () => {
      expect(await put(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))).toMatchObject({
        status: 400,
        body: { errcode: 'M_NOT_JSON' },
      });
    });

    it.each([
      ['a list', '[]'],
      ['a string', '"text"'],
      ['null', 'null'],
      ['a number', '7'],
    ])('that are %s are refused where an object is wanted', async (_name, body) => {
      expect(await put(body)).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
    });

    it.each([
      ['integers beyond 2^53-1', '{"value": 9007199254740993}'],
      ['huge integers', `{"value": ${'9'.repeat(400)}}`],
      ['fractions', '{"value": 1.5}'],
      ['lone surrogates', '{"value": "\\ud800"}'],
      ['lone surrogates in keys', '{"\\udfff": 1}'],
    ])('with %s are refused in an event', async (_name, body) => {
      expect(await put(body)).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON' } });
      await stillServes();
    });

    it('nested 10,000 levels deep are refused', async () => {
      expect(await put(`{"value":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).toMatchObject({
        status: 400,
        body: { errcode: 'M_BAD_JSON' },
      });
      await stillServes();
    });

    it('with a key twice count with the last', async () => {
      const { body } = await put('{"msgtype": "m.text", "body": "first", "body": "second"}');
      const event = await alice.call('getOneRoomEvent', { params: { roomId, eventId: body.event_id } });
      expect(event.content.body).toBe('second');
    });

    it('with keys that mean something to JavaScript are kept as they are', async () => {
      const { body } = await put(
        '{"__proto__": {"polluted": true}, "constructor": 1, "toString": "text"}',
        'org.example.proto',
      );
      const event = await fetch(
        `${server.baseUrl}/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(body.event_id)}`,
        {
          headers: { authorization: `Bearer ${token}` },
        },
      );
      expect(await event.text()).toContain('"__proto__":{"polluted":true}');
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });

    it('larger than an event may be are refused, and nothing of them is kept', async () => {
      expect(await put(JSON.stringify({ msgtype: 'm.text', body: 'x'.repeat(70_000) }))).toMatchObject({
        status: 413,
        body: { errcode: 'M_TOO_LARGE' },
      });
      expect(await put(JSON.stringify({ msgtype: 'm.text', body: 'x'.repeat(3_000_000) }))).toMatchObject({
        status: 413,
        body: { errcode: 'M_TOO_LARGE' },
      });
      await stillServes();
    });
  });

  describe('names', () => {
    it.each(['x'.repeat(256), 'ü'.repeat(128)])('over 255 bytes are refused (%#)', async (eventType) => {
      expect(await put('{}', eventType)).toMatchObject({ status: 413, body: { errcode: 'M_TOO_LARGE' } });
    });

    it('with control characters do no harm', async () => {
      const { status } = await put('{}', 'org.example.\u0000null');
      expect([200, 400]).toContain(status);
      await stillServes();
    });

    it('that lead out of the path do not', async () => {
      for (const path of [
        '/_matrix/client/v3/../../etc/passwd',
        '/_matrix/client/v3/%2e%2e/%2e%2e/etc/passwd',
        '/_matrix/media/v3/download/test/..%2f..%2fhomeserver.yaml',
      ]) {
        const answer = await rawExchange(
          server.baseUrl,
          `GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`,
        );
        expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
        expect(answer).not.toMatch(/root:|server_name:/);
      }
    });

    it('that are no percent-encoding are refused', async () => {
      const answer = await rawExchange(
        server.baseUrl,
        'GET /_matrix/client/v3/rooms/%ff%zz/state HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n',
      );
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    });
  });

  describe('requests that two parsers may read differently', () => {
    const body = '{"msgtype":"m.text","body":"smuggled"}';
    const request = (...headers: string[]): string =>
      `PUT /_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/smuggle HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${token}\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n${body}`;

    it.each([
      ['two lengths', ['Content-Length: 10', `Content-Length: ${body.length}`]],
      ['a length and chunks', [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']],
      ['an unknown transfer coding', ['Transfer-Encoding: chunked, nonsense']],
      ['a length that is no number', ['Content-Length: 1e2']],
      ['a negative length', ['Content-Length: -1']],
      ['a header with a space before its colon', [`Content-Length : ${body.length}`]],
    ])('are refused: %s', async (_name, headers) => {
      const answer = await rawExchange(server.baseUrl, request(...headers));
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      const { chunk } = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 50 } });
      expect(JSON.stringify(chunk)).not.toContain('smuggled');
    });

    it.each([
      ['no HTTP', 'hello\r\n\r\n'],
      ['TLS', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc])],
      ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['a method that there is not', 'HUSH / HTTP/1.1\r\nHost: test\r\n\r\n'],
      ['a version that there is not', 'GET / HTTP/9.9\r\nHost: test\r\n\r\n'],
      ['a line break in a header', 'GET / HTTP/1.1\r\nHost: te\nst\r\n\r\n'],
      ['NUL in a header', 'GET / HTTP/1.1\r\nHost: test\r\nX-Nul: \u0000\r\n\r\n'],
    ])('are refused: %s', async (_name, bytes) => {
      const answer = await rawExchange(server.baseUrl, bytes);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('"errcode":"M_UNKNOWN"');
      await stillServes();
    });

    it('are one request, and what follows it the next', async () => {
      // The body of the first holds what looks like a request; it is refused for its size, and read to its end.
      const inner = request(`Content-Length: ${body.length}`);
      const first = `PUT /_matrix/client/v3/rooms/x/send/m.room.message/1 HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer ${token}\r\n`;
      const padding = ' '.repeat(1_100_000);
      const bytes = `${first}Content-Length: ${padding.length + inner.length}\r\n\r\n${padding}${inner}GET /_matrix/client/versions HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`;
      const answers = await wholeExchange(server.baseUrl, bytes);
      expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
      const { chunk } = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 50 } });
      expect(JSON.stringify(chunk)).not.toContain('smuggled');
    });

    it('are refused: headers without end', async () => {
      const answer = await rawExchange(
        server.baseUrl,
        `GET / HTTP/1.1\r\nHost: test\r\n${`X-Long: ${'x'.repeat(1000)}\r\n`.repeat(20)}\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 431 /);
      await stillServes();
    });
  });

  describe('parameters', () => {
    it.each(['1000000000', '0', '99999999999999999999', '-1', '1.5', 'many', ''])(
      'limit=%s is answered or refused',
      async (limit) => {
        const answer = await fetch(
          `${server.baseUrl}/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=${limit}`,
          {
            headers: { authorization: `Bearer ${token}` },
          },
        );
        expect([200, 400]).toContain(answer.status);
        if (answer.status === 200)
          expect(((await answer.json()) as { chunk: unknown[] }).chunk.length).toBeLessThanOrEqual(1_000);
      },
    );

    it('a filter of a megabyte is refused', async () => {
      const filter = JSON.stringify({
        room: { timeline: { types: Array.from({ length: 60_000 }, (_, i) => `org.example.${i}`) } },
      });
      await alice.call(
        'defineFilter',
        { params: { userId: alice.userId as string }, body: JSON.parse(filter) },
        { expect: [400, 413] },
      );
      await stillServes();
    });

    it('an unknown path is M_UNRECOGNIZED, a known one with another method too', async () => {
      const unknown = await fetch(`${server.baseUrl}/_matrix/client/v3/nonsense`);
      expect([unknown.status, await unknown.json()]).toMatchObject([404, { errcode: 'M_UNRECOGNIZED' }]);
      const wrong = await fetch(`${server.baseUrl}/_matrix/client/v3/sync`, { method: 'DELETE' });
      expect([wrong.status, await wrong.json()]).toMatchObject([405, { errcode: 'M_UNRECOGNIZED' }]);
    });

    it('a browser may ask what it may do', async () => {
      const answer = await fetch(`${server.baseUrl}/_matrix/client/v3/sync`, { method: 'OPTIONS' });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-methods')).toContain('PUT');
    });
  });

  describe('the address of who calls', () => {
    const wrongPassword = async (url: string, forwarded: string): Promise<number> => {
      const identifier = { type: 'm.id.user', user: 'nobody' };
      const answer = await fetch(`${url}/_matrix/client/v3/login`, {
        method: 'POST',
        body: JSON.stringify({ type: 'm.login.password', identifier, password: 'x' }),
        headers: { 'x-forwarded-for': forwarded },
      });
      return answer.status;
    };
    const limited = {
      rc_login: {
        address: { per_second: 0.001, burst_count: 2 },
        account: { per_second: 100, burst_count: 100 },
        failed_attempts: { per_second: 100, burst_count: 100 },
      },
    };

    it('is not what they say it is, unless a proxy is trusted', async () => {
      const own = await start({ config: limited });
      const statuses = [];
      for (const last of [1, 2, 3, 4]) statuses.push(await wrongPassword(own.baseUrl, `192.0.2.${last}`));
      expect(statuses).toEqual([403, 403, 429, 429]);
    });

    it('is what the proxy says', async () => {
      const listener = {
        type: 'http',
        port: 0,
        bind_addresses: ['127.0.0.1'],
        x_forwarded: true,
        resources: [{ names: ['client'] }],
      };
      const own = await start({ config: { ...limited, listeners: [listener] } });
      const statuses = [];
      for (const last of [1, 2, 3, 4]) statuses.push(await wrongPassword(own.baseUrl, `192.0.2.${last}`));
      expect(statuses).toEqual([403, 403, 403, 403]);
      for (const odd of ['', ',,,', 'nonsense', '::1', 'x'.repeat(4_000), '192.0.2.1:80, "unknown"']) {
        expect([403, 429]).toContain(await wrongPassword(own.baseUrl, odd));
      }
    });
  });
});
