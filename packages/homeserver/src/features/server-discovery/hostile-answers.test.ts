import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { systemRuntime } from '@myelin/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endless, startPlainServer, startRawServer, type RawAnswer } from './testing/raw-server.ts';
import { answered, ask, endAfterEach, peer, transportIn } from './testing/transport-world.ts';
import { WellKnownCache } from './well-known.ts';

endAfterEach();

/** For each part of an answer; all of it may take ten times as long. Both in ms. */
const timeoutMs = 150;
const longestMs = 10 * timeoutMs;
/** The machine that the tests run on may be busy. */
const slackMs = 4_000;

const says = (more = ''): string => `HTTP/1.1 200 OK\r\n${more}`;
const send =
  (text: string | Buffer, end: (socket: Socket) => void = () => {}): RawAnswer =>
  (socket) =>
    void socket.write(text, () => end(socket));
const good = '{"m.server":"c.test"}';
const close = (socket: Socket): void => void socket.end();
const reset = (socket: Socket): void => void socket.destroy();
const bomb = gzipSync(Buffer.alloc(20_000_000, ' '));
const after =
  (text: string, answer: RawAnswer): RawAnswer =>
  (socket) => {
    socket.write(text);
    answer(socket);
  };

/** What servers do with a request. */
const answers: Readonly<Record<string, RawAnswer>> = {
  'keep silent': () => {},
  'hang up': close,
  'break off': reset,
  'say half a status': send('HTTP/1.1 2'),
  'break off in the head': send(says('content-type: app'), reset),
  'break off before the body': send(says(`content-length: ${good.length}\r\n\r\n`), reset),
  'break off in the body': send(says(`content-length: 100\r\n\r\n${good}`), reset),
  'hang up in the body': send(says(`content-length: 100\r\n\r\n${good}`), close),
  'say too little and keep silent': send(says(`content-length: 100\r\n\r\n${good}`)),
  'hang up in a chunk': send(says('transfer-encoding: chunked\r\n\r\nffff\r\n{}'), close),
  "say what isn't HTTP": send('SSH-2.0-OpenSSH_9.6\r\n', close),
  "say what isn't a status": send('HTTP/1.1 2000000000000 OK\r\n\r\n', close),
  "say what isn't a length": send(says(`content-length: -1\r\n\r\n${good}`), close),
  'say two lengths': send(says(`content-length: 1\r\ncontent-length: 20\r\n\r\n${good}`), close),
  'say a length and chunks': send(
    says(`content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n0\r\n\r\n`),
    close,
  ),
  "say what isn't a chunk": send(says('transfer-encoding: chunked\r\n\r\nzzzz\r\n'), close),
  'say a chunk of all sizes': send(says(`transfer-encoding: chunked\r\n\r\n${'f'.repeat(40)}\r\n`), close),
  'switch to something else': send('HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'),
  'say bytes of no meaning': send(createHash('sha512').update('x').digest(), close),
  'say headers without end': after('HTTP/1.1 200 OK\r\n', endless(`x-${'y'.repeat(1_000)}: 1\r\n`, 0)),
  'say headers slowly': after('HTTP/1.1 200 OK\r\n', endless('x: 1\r\n', 50)),
  'say one header slowly': after('HTTP/1.1 200 OK\r\nx: ', endless('x', 50)),
  'say that they will say something': endless('HTTP/1.1 102 Processing\r\n\r\n', 0),
  'say so slowly': endless('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n', 50),
  'say chunks without end': after(
    says('transfer-encoding: chunked\r\n\r\n'),
    endless(`2710\r\n${' '.repeat(10_000)}\r\n`, 0),
  ),
  'say chunks slowly': after(says('transfer-encoding: chunked\r\n\r\n'), endless('1\r\n \r\n', 50)),
  "say a chunk's size slowly": after(says('transfer-encoding: chunked\r\n\r\n'), endless('0', 50)),
  'say what a chunk has beside it without end': after(
    says('transfer-encoding: chunked\r\n\r\n1;'),
    endless('x'.repeat(1_000), 0),
  ),
  'say what comes after chunks without end': after(
    says('transfer-encoding: chunked\r\n\r\n0\r\n'),
    endless(`x: ${'y'.repeat(1_000)}\r\n`, 0),
  ),
  'say something large slowly': after(says('content-length: 1000000000\r\n\r\n'), endless(' ', 50)),
  'say something compressed': send(
    Buffer.concat([Buffer.from(says(`content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`)), bomb]),
  ),
  'lead round in circles': send(
    'HTTP/1.1 302 Found\r\nlocation: /.well-known/matrix/server\r\ncontent-length: 0\r\n\r\n',
  ),
  'lead nowhere': send('HTTP/1.1 302 Found\r\nlocation: \r\ncontent-length: 0\r\n\r\n'),
  'lead to what is no address': send(
    'HTTP/1.1 302 Found\r\nlocation: https://[::1%25x]:99999999/\r\ncontent-length: 0\r\n\r\n',
  ),
  'lead to files': send('HTTP/1.1 307 x\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\n\r\n'),
  'lead to many places': send(
    `HTTP/1.1 302 Found\r\n${'location: https://a.test/\r\n'.repeat(50)}content-length: 0\r\n\r\n`,
  ),
};

const faults: unknown[] = [];
const onFault = (fault: unknown): void => void faults.push(fault);
beforeEach(() => {
  faults.length = 0;
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
});
afterEach(() => {
  process.off('uncaughtException', onFault).off('unhandledRejection', onFault);
  expect(faults).toEqual([]);
});

const addresses = { 'a.test': ['127.0.0.1'], 'b.test': ['127.0.0.1'] };
const wellKnownIn = (http: ReturnType<typeof transportIn>['http']): WellKnownCache =>
  new WellKnownCache({ ...systemRuntime, http, userAgent: 'test', timeoutMs });

describe('servers that', () => {
  it.each(Object.entries(answers))('%s cost no more than their time', async (_name, answer) => {
    const [bad, { port }] = await Promise.all([startRawServer(answer), peer()]);
    const { http, transport } = transportIn({ addresses });
    const begin = performance.now();
    const [said, outcome] = await Promise.all([
      wellKnownIn(http).serverOf(`a.test:${bad}`),
      ask(transport, `a.test:${bad}`, timeoutMs).catch((error: Error) => error),
      // Nobody else waits for them.
      ask(transport, `b.test:${port}`).then((text) => expect(text).toBe(answered)),
    ]);
    expect(said).toBeUndefined();
    expect(performance.now() - begin).toBeLessThan(longestMs + slackMs);
    if (outcome instanceof Error) expect(outcome.message).not.toBe('');
    expect(await ask(transport, `b.test:${port}`)).toBe(answered);
  });

  it('say more than they should are heard no longer', async () => {
    let written = 0;
    const flood = endless(' '.repeat(10_000), 0, (bytes) => (written += bytes));
    const port = await startRawServer(after(says('\r\n'), flood));
    const { http } = transportIn({ addresses });
    expect(await wellKnownIn(http).serverOf(`a.test:${port}`)).toBeUndefined();
    const afterwards = written;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written - afterwards).toBeLessThan(1_000_000);
    expect(written).toBeLessThan(20_000_000);
  });

  it('say something after the end are believed what came before it', async () => {
    const text = `content-length: ${good.length}\r\n\r\n${good}`;
    const port = await startRawServer(send(says(`${text}HTTP/1.1 200 OK\r\n\r\n{"m.server":"evil.test"}`)));
    const { http } = transportIn({ addresses });
    expect(await wellKnownIn(http).serverOf(`a.test:${port}`)).toBe('c.test');
  });

  it.each<[string, RawAnswer]>([
    ['keep silent', () => {}],
    ['speak without it', send('HTTP/1.1 200 OK\r\n\r\n')],
    ['say what it is not', send(Buffer.alloc(100, 0x16), close)],
    ['hang up', close],
    ['creep', endless(Buffer.from([0x16]), 50)],
  ])('%s where TLS begins cost no more than their time', async (_name, answer) => {
    const port = await startPlainServer(answer);
    const { transport } = transportIn({ addresses });
    const begin = performance.now();
    await expect(ask(transport, `a.test:${port}`, timeoutMs)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(performance.now() - begin).toBeLessThan(longestMs + slackMs);
  });

  it('lead from one slow place to the next are given up as soon as those that are slow at once', async () => {
    const slow = await startRawServer((socket) => {
      // Slow, but in time for each of its parts.
      const rest = [...'HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n'];
      const timer = setInterval(() => {
        const next = rest.shift();
        if (next === undefined) clearInterval(timer);
        else if (!socket.destroyed) socket.write(next);
      }, 12);
      socket.on('close', () => clearInterval(timer));
    });
    const { http } = transportIn({ addresses });
    const request = { url: `https://a.test:${slow}/`, method: 'GET', timeoutMs: 2_000, longestMs: 1_000, redirects: 5 };
    const begin = performance.now();
    await expect(http.request(request)).rejects.toMatchObject({ name: 'OutboundError' });
    expect(performance.now() - begin).toBeLessThan(2_500);
  });
});
