import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { PeerAnswer } from '../../federation/test-peer.ts';
import { mutate, type MutationOptions } from '../mutate.ts';
import { jsonOf } from './peer-answers.ts';

/** A body without an end is given up after this many bytes: whoever has read them reads on. */
const endless = 400_000_000;
const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));

/** An answer as a server gives it that is broken, or wants to do harm. */
export function spoilt(answer: PeerAnswer, options: MutationOptions): PeerAnswer {
  const { random } = options;
  const json = jsonOf(answer);
  if (json !== undefined && random.chance(0.7))
    return { ...answer, body: mutate(json, random.pick([1, 1, 1, 2, 3]), options) };
  const body = json === undefined ? answer.body : JSON.stringify(json);
  const text = typeof body === 'string' ? body : 'x';
  if (text.startsWith('--xyz') && random.chance(0.5)) return { ...answer, body: spoiltParts(text, options) };
  const error = {
    errcode: random.pick(['M_FORBIDDEN', 'M_UNKNOWN', '', 7, null]),
    error: random.pick(['no', '', {}, 'x'.repeat(100_000)]),
  };
  const big = { ...answer.headers };
  switch (random.below(15)) {
    case 0:
      return { status: random.pick([400, 401, 403, 404, 429, 500, 503]), body: error };
    case 1:
      return { status: random.pick([201, 204, 206, 304, 418, 599]), headers: big, body: text };
    case 2:
      return {
        status: random.pick([301, 302, 307, 308]),
        headers: {
          location: random.pick([
            '/',
            'https://localhost:1/',
            'http://169.254.169.254/',
            'file:///etc/passwd',
            '',
            '::',
          ]),
        },
        body: text,
      };
    case 3:
      return {
        headers: {
          'content-type': random.pick([
            'text/html',
            'application/json; charset=x',
            'multipart/mixed',
            'multipart/mixed; boundary=',
            '',
          ]),
        },
        body: text,
      };
    case 4:
      return { headers: big, body: text.slice(0, random.below(text.length)) };
    case 5:
      return { headers: big, pour: pourEndlessly };
    case 6:
      return { headers: big, pour: (response) => drip(response, text) };
    case 7:
      return { headers: big, pour: (response) => void response.destroy() };
    case 8:
      return {
        headers: { ...big, 'content-encoding': random.pick(['gzip', 'br', 'deflate', 'x']) },
        body: random.pick<string | Uint8Array>([text, bomb]),
      };
    case 9:
      return {
        headers: big,
        body: random.pick(['', 'null', '[]', '1', '"x"', '{', '{}', '\u0000', '[null]', '{"errcode":1}']),
      };
    case 10:
      return { headers: big, body: `${'['.repeat(200_000)}${']'.repeat(200_000)}` };
    case 11:
      return {
        headers: big,
        body: text.replace(/\d+/, random.pick(['1e400', 'NaN', '-0', '1.0', '99999999999999999999'])),
      };
    case 12:
      return { headers: big, body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]) };
    case 13:
      return {
        headers: { ...big, 'content-length': '10' },
        pour: (response) => void response.end('123', () => response.socket?.destroy()),
      };
    default:
      return { headers: { ...big, 'x-long': 'y'.repeat(10_000) }, body: text };
  }
}

/** A file as other servers send it, with something put in at a place where it may mean something. */
function spoiltParts(text: string, { random, known }: MutationOptions): string {
  const lines = text.split('\r\n');
  const odd = [
    'Location: https://localhost:1/x',
    'Location: file:///etc/passwd',
    'Content-Type: text/html; charset="\u0000"',
    `Content-Disposition: inline; filename*=utf-8''%ff%00${'x'.repeat(5_000)}`,
    'Content-Disposition: attachment; filename="../../\u202Etxt.exe"',
    'Content-Encoding: gzip',
    'Content-Length: 99999999999999999999',
    '--xyz',
    '--xyz--',
    '',
    '\u0000',
    ': x',
    'x'.repeat(100_000),
    JSON.stringify(mutate({ a: 1 }, 2, { random, known })),
  ];
  lines.splice(random.below(lines.length), random.below(2), random.pick(odd));
  return lines.join(random.chance(0.9) ? '\r\n' : '\n');
}

function pourEndlessly(response: ServerResponse): void {
  const piece = Buffer.alloc(262_144, ' ');
  let poured = 0;
  const more = (): void => {
    while (!response.destroyed && poured < endless) {
      poured += piece.length;
      if (!response.write(piece)) return;
    }
    response.destroy();
  };
  response.on('drain', more).on('error', () => {});
  more();
}

/** Bit by bit, but to the end. */
function drip(response: ServerResponse, text: string): void {
  const step = Math.ceil(text.length / 20);
  let from = 0;
  const next = (): void => {
    if (response.destroyed) return;
    response.write(text.slice(from, (from += step)));
    if (from >= text.length) response.end();
    else setTimeout(next, 10);
  };
  next();
}
