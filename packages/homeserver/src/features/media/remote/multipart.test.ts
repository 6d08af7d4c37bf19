import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameOf, typeOf } from './file-headers.ts';
import { boundaryOf, MultipartError, readFilePart } from './multipart.ts';

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(text: string | Uint8Array, boundary = 'b', sizes: readonly number[] = [7]) {
  const part = await readFilePart(cut(Buffer.from(text as string), sizes), boundary);
  const pieces: Uint8Array[] = [];
  for await (const piece of part.body) pieces.push(piece);
  return { headers: Object.fromEntries(part.headers), body: Buffer.concat(pieces) };
}

const good =
  '--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n';

describe('an answer in parts', () => {
  it('gives the file, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        fc.constantFrom('', '\r\n', 'what comes before\r\n'),
        async (file, sizes, before) => {
          const boundary = 'x'.repeat(20);
          // What looks like the beginning of a boundary is part of the file.
          const content = Buffer.concat([file, Buffer.from('\r\n--xxx'), file]);
          const text = Buffer.concat([
            Buffer.from(`${before}--${boundary}\r\n\r\n{}\r\n--${boundary}\r\nContent-Type: image/png\r\n\r\n`),
            content,
            Buffer.from(`\r\n--${boundary}--`),
          ]);
          const found = await read(text, boundary, sizes);
          expect(found.headers).toEqual({ 'content-type': 'image/png' });
          expect(found.body.equals(content)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads nothing behind the file', async () => {
    let ended = false;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from(good);
        for (;;) yield Buffer.alloc(1_000);
      } finally {
        ended = true;
      }
    }
    const part = await readFilePart(chunks(), 'b');
    for await (const piece of part.body) expect(Buffer.from(piece).toString()).toBe('hello');
    expect(ended).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['no parts', '--b--\r\n'],
    ['one part', '--b\r\n\r\n{}\r\n--b--\r\n'],
    ['an end in the middle of the file', good.slice(0, -8)],
    ['an end in the middle of headers', '--b\r\n\r\n{}\r\n--b\r\nContent-Type: te'],
    ['another boundary', good.replaceAll('--b', '--c')],
    ['headers without end', `--b\r\n\r\n{}\r\n--b\r\n${'X: y\r\n'.repeat(10_000)}`],
    ['metadata without end', `--b\r\n\r\n${'x'.repeat(100_000)}`],
    ['much before the first part', 'x'.repeat(100_000)],
  ])('that holds %s is refused', async (_what, text) => {
    await expect(read(text)).rejects.toThrow(MultipartError);
  });

  it('names its boundary', () => {
    expect(boundaryOf('multipart/mixed; boundary=abc')).toBe('abc');
    expect(boundaryOf('Multipart/Mixed; charset=x; boundary="a b;c"'.replace(';c', ''))).toBe('a b');
    for (const other of [undefined, '', 'text/plain; boundary=a', 'multipart/mixed', 'multipart/mixed; boundary='])
      expect(boundaryOf(other)).toBeUndefined();
  });
});

describe('headers of files of other servers', () => {
  it('types that can stand in a header are taken', () => {
    expect(typeOf('image/png')).toBe('image/png');
    for (const bad of [undefined, '', 'a\u0000b', 'ü', 'x'.repeat(1_000)])
      expect(typeOf(bad)).toBe('application/octet-stream');
  });

  it.each([
    [undefined, undefined],
    ['attachment', undefined],
    ['inline; filename=a.png', 'a.png'],
    ['inline; filename="a \\"b\\".png"', 'a "b".png'],
    ["attachment; filename=x; filename*=utf-8''%E2%98%83.txt", '☃.txt'],
    ["attachment; filename*=utf-8''%ZZ", undefined],
    ['attachment; filename="a%20b"', 'a b'],
    ["attachment; filename*=utf-8''a%0D%0Ab%00", 'ab'],
  ])('the name in %j', (disposition, name) => {
    expect(nameOf(disposition)).toBe(name);
  });
});
