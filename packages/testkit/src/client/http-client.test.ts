import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendMessage } from '@myelin/api';
import { Specification } from '../specification/index.ts';
import { TestClient } from './test-client.ts';

/** What the server of these tests says next, and what it was asked last. */
let next: { status: number; type?: string; body: string };
let last: { method?: string | undefined; url?: string | undefined; authorization?: string | undefined; body: string };
let server: Server;
let client: TestClient;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    last = { method: request.method, url: request.url, authorization: request.headers.authorization, body };
    const headers = { 'content-type': next.type ?? 'application/json', 'access-control-allow-origin': '*' };
    response.writeHead(next.status, headers).end(next.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = new TestClient({
    baseUrl: `http://127.0.0.1:${port}`,
    specification: new Specification(),
    accessToken: 'secret',
  });
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const params = { roomId: '!room:example.org', eventType: 'm.room.message', txnId: 'a/b' };

describe('the test client', () => {
  test('builds the request from an endpoint value or an operationId', async () => {
    next = { status: 200, body: '{"event_id":"$1"}' };
    expect(await client.call(sendMessage, { params, body: { body: 'hi' }, query: { ts: 5 } })).toEqual({
      event_id: '$1',
    });
    const path = '/_matrix/client/v3/rooms/!room%3Aexample.org/send/m.room.message/a%2Fb';
    expect(last).toEqual({ method: 'PUT', url: `${path}?ts=5`, authorization: 'Bearer secret', body: '{"body":"hi"}' });
    await client.call('sendMessage', { params, token: null });
    expect(last).toEqual({ method: 'PUT', url: path, authorization: undefined, body: '{}' });
    await client.call(sendMessage, { params, path: 1 });
    expect(last.url).toBe(path.replace('v3', 'r0'));
  });

  test('refuses an answer that breaks the schema, whoever asks for it', async () => {
    next = { status: 200, body: '{"event":"$1"}' };
    await expect(client.call(sendMessage, { params })).rejects.toThrow("must have required property 'event_id'");
    await expect(client.sendText('!room:example.org', 'hi')).rejects.toThrow('breaks the specification');
    await expect(client.raw('PUT', '/_matrix/client/r0/rooms/!a:b/send/x/1')).rejects.toThrow('event_id');
    next = { status: 500, type: 'text/html', body: '<h1>Oops</h1>' };
    await expect(client.call(sendMessage, { params }, { expect: 500 })).rejects.toThrow('text/html');
    await expect(client.raw('GET', '/nowhere')).rejects.toThrow('text/html');
  });

  test('refuses an answer that was not expected', async () => {
    next = { status: 403, body: '{"errcode":"M_FORBIDDEN","error":"No"}' };
    await expect(client.call(sendMessage, { params })).rejects.toThrow('expected: 200');
    await expect(client.call(sendMessage, { params }, { expect: 'M_UNKNOWN' })).rejects.toThrow('expected: M_UNKNOWN');
    await client.call(sendMessage, { params }, { expect: 'M_FORBIDDEN' });
    await client.call(sendMessage, { params }, { expect: [400, 403] });
  });

  test('needs the parameters and the operation to be there', async () => {
    await expect(client.call(sendMessage, { params: { roomId: '!a:b' } })).rejects.toThrow('eventType');
    await expect(client.call('noSuchThing')).rejects.toThrow('no operation noSuchThing');
  });
});
