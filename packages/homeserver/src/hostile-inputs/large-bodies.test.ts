import type { ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { describeFederations, TestPeer, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from './testing/soon.ts';

/** A transaction may be as large as the second; the first is enough to be noticed. */
const size = 3_000_000;
const largest = 13_000_000;
const repeated = (text: string) => Array.from({ length: Math.floor(size / (text.length + 1)) }, () => text).join(',');

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start();
  });
  afterAll(() => peer.stop());

  let transactions = 0;
  const path = () => `/_matrix/federation/v1/send/large${++transactions}`;

  /** Others are answered meanwhile. */
  async function beside<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => (isDone = true));
    // Whoever waits for it is told.
    done.catch(() => {});
    while (!isDone) {
      await soon(server.client().call('getVersions'));
      await setTimeout(10);
    }
    return done;
  }

  describe('a transaction of tiny values', () => {
    it.each([
      ['lists', `[${repeated('[]')}]`],
      ['objects', `[${repeated('{"a":1}')}]`],
      ['one object', `{${Array.from({ length: 200_000 }, (_, n) => `"x${n}":1`).join(',')}}`],
    ])('that nobody signed keeps nobody waiting: %s', async (_name, values) => {
      // Each is another's: what one network may send so is soon used up.
      const [own] = (await start(1)) as [TestServer];
      const answer = await beside(
        peer.send(own.serverName, 'PUT', path(), { body: {}, sentBody: `{"pdus":${values}}` }),
      );
      expect(answer).toMatchObject({ status: 401, body: { errcode: 'M_UNAUTHORIZED' } });
    });

    it('is not looked at, if nobody signed it and there were others before', async () => {
      const [own] = (await start(1)) as [TestServer];
      const sentBody = `{"pdus":[ ${' '.repeat(largest)}]}`;
      const send = () => peer.send(own.serverName, 'PUT', path(), { body: {}, sentBody });
      const [first, second] = [await send(), await send()];
      expect([first.status, second.status]).toEqual([400, 429]);
      expect(second.body).toMatchObject({ errcode: 'M_LIMIT_EXCEEDED' });
      // What is canonical is let in all the same.
      const body = { origin: peer.serverName, origin_server_ts: 1, pdus: [] };
      const sent = { body, sentBody: JSON.stringify(body) };
      expect(await peer.send(own.serverName, 'PUT', path(), sent)).toMatchObject({ status: 200 });
    });

    it('that is signed keeps nobody waiting, and an item of it that is too much is passed over alone', async () => {
      const sentBody = `{"edus":[{"content":{"a":[${repeated('[]')}]},"edu_type":"m.presence"}],"pdus":[]}`;
      const body = JSON.parse(sentBody) as never;
      const answer = await beside(peer.send(server.serverName, 'PUT', path(), { body, sentBody }));
      expect(answer).toMatchObject({ status: 200, body: { pdus: {} } });
    });
  });

  // As some servers send it, the users of which choose what is in it.
  it.each([
    ['a key that is long', `"${'k'.repeat(200_000)}":1`],
    ['very many keys', Array.from({ length: 200_000 }, (_none, n) => `"k${n}":1`).join(',')],
  ])('a signed transaction that is not canonical is taken, though an item of it has %s', async (_name, members) => {
    const sentBody = `{ "pdus":[],"edus":[{"edu_type":"m.direct_to_device","content":{${members}}}]}`;
    const sent = { body: JSON.parse(sentBody) as never, sentBody };
    expect(await peer.send(server.serverName, 'PUT', path(), sent)).toMatchObject({ status: 200, body: { pdus: {} } });
  });

  it('bodies that do not end are in nobody’s way but that of who sends them', async () => {
    const [own] = (await start(1)) as [TestServer];
    const answers: number[] = [];
    const begin = (): ClientRequest => {
      const headers = { authorization: peer.authorization(own.serverName, 'PUT', path(), { body: {} }) };
      const [, port] = own.serverName.split(':');
      const target = { host: '127.0.0.1', localAddress: '127.0.0.2', port, method: 'PUT', path: path(), headers };
      const request = httpsRequest({ ...target, rejectUnauthorized: false, agent: false });
      request.on('response', (response) => answers.push(response.statusCode ?? 0));
      request.on('error', () => {});
      request.write(' '.repeat(largest));
      return request;
    };
    const begun = Array.from({ length: 7 }, begin);
    await expect.poll(() => answers, { timeout: 30_000 }).toEqual([429, 429]);
    const pdus = Array.from({ length: 49 }, () => ({ x: 'x'.repeat(60_000) }));
    const body = { origin: peer.serverName, origin_server_ts: 1, pdus };
    const sent = { body, sentBody: JSON.stringify(body) };
    expect(await peer.send(own.serverName, 'PUT', path(), sent)).toMatchObject({ status: 200 });
    for (const request of begun) request.destroy();
  });

  it('nobody who has no keys is let in with a body at all', async () => {
    const sentBody = `{"pdus":[${repeated('[]')}]}`;
    const send = peer.send(server.serverName, 'PUT', path(), { body: {}, sentBody, origin: 'localhost:1' });
    expect(await soon(send)).toMatchObject({ status: 401 });
  });
});
