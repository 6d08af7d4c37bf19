import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemRandom } from '@myelin/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiskMediaFiles } from './disk-media-files.ts';
import type { StoredFile } from './media-files.ts';

let folder: string;
let files: DiskMediaFiles;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'myelin-media-'));
  files = new DiskMediaFiles(join(folder, 'store'), { clock: systemClock, random: systemRandom });
  await files.start();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function store(path: string, ...chunks: Uint8Array[]): Promise<void> {
  const file = await files.create();
  for (const chunk of chunks) await file.write(chunk);
  await file.finish(path);
}

async function read(file: StoredFile | undefined): Promise<Buffer> {
  const content = await file?.content();
  if (content instanceof Uint8Array) return Buffer.from(content);
  const pieces: Uint8Array[] = [];
  await content?.(async (piece) => {
    pieces.push(Buffer.from(piece));
    return true;
  });
  return Buffer.concat(pieces);
}

test.each([0, 1, 65_536, 262_144, 262_145, 3_000_000])('%d bytes come back as they were', async (size) => {
  const bytes = Buffer.from(Array.from({ length: Math.min(size, 70_000) }, (_, i) => i % 251));
  const whole = Buffer.concat(Array.from({ length: Math.ceil(size / 70_000) }, () => bytes)).subarray(0, size);
  const chunks: Buffer[] = [];
  // The file may free what it is given.
  for (let i = 0; i < whole.length; i += 40_000) chunks.push(Buffer.from(whole.subarray(i, i + 40_000)));
  await store('a/b/c', ...chunks);
  const file = await files.open('a/b/c');
  expect(file?.size).toBe(size);
  expect((await read(file)).equals(whole)).toBe(true);
  expect(await readdir(join(folder, 'store', 'incoming'))).toEqual([]);
});

test('a reader who goes ends the reading', async () => {
  await store('a', Buffer.alloc(1_000_000));
  const content = await (await files.open('a'))?.content();
  if (!content || content instanceof Uint8Array) throw new Error('It should come in pieces');
  let pieces = 0;
  await content(async () => ++pieces < 2);
  expect(pieces).toBe(2);
});

test('several at once get each their own', async () => {
  const all = [1, 2, 3, 4].map((value) => Buffer.alloc(900_000, value));
  for (const [i, bytes] of all.entries()) await store(`f${i}`, Buffer.from(bytes));
  for (let round = 0; round < 3; round++) {
    const read4 = await Promise.all(all.map(async (_, i) => read(await files.open(`f${i}`))));
    for (const [i, bytes] of all.entries()) expect(read4[i]?.equals(bytes)).toBe(true);
  }
});

test('nobody sees a file before it is whole', async () => {
  const file = await files.create();
  await file.write(Buffer.alloc(1_000_000));
  expect(await files.open('a/b')).toBeUndefined();
  await file.finish('a/b');
  await file.discard();
  expect((await files.open('a/b').then(read)).length).toBe(1_000_000);
});

test('what is given up leaves nothing', async () => {
  const file = await files.create();
  await file.write(Buffer.alloc(1_000_000));
  await file.discard();
  await file.discard();
  expect(await readdir(join(folder, 'store', 'incoming'))).toEqual([]);
});

test('what a dead server left goes after an hour', async () => {
  const left = join(folder, 'store', 'incoming', 'left');
  await writeFile(left, 'half');
  await files.start();
  expect(await readFile(left, 'utf8')).toBe('half');
  const longAgo = new Date(Date.now() - 3_700_000);
  await utimes(left, longAgo, longAgo);
  await files.start();
  expect(await readdir(join(folder, 'store', 'incoming'))).toEqual([]);
});

test('what there is not', async () => {
  await mkdir(join(folder, 'store', 'folder'));
  expect(await files.open('folder')).toBeUndefined();
  expect(await files.open('nothing/here')).toBeUndefined();
  await store('file', Buffer.from('x'));
  expect(await files.open('file/below')).toBeUndefined();
  expect(await files.list('nothing')).toEqual([]);
  expect(await files.list('file')).toEqual([]);
  await files.remove('nothing/here');
  await files.remove('file');
  expect(await files.open('file')).toBeUndefined();
});

test('a file that is there already is replaced', async () => {
  await store('a/b', Buffer.from('one'));
  await store('a/b', Buffer.from('two'));
  expect((await files.open('a/b').then(read)).toString()).toBe('two');
  expect(await files.list('a')).toEqual(['b']);
});

test('a disk that really is full', async (context) => {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  if (!mountDisk(disk, 'size=1m')) return context.skip('mounting a disk needs root');
  try {
    const small = new DiskMediaFiles(disk, { clock: systemClock, random: systemRandom });
    await small.start();
    const file = await small.create();
    const writing = (async () => {
      for (let i = 0; i < 50; i++) await file.write(Buffer.alloc(100_000));
      await file.finish('a/b');
    })();
    await expect(writing).rejects.toMatchObject({ code: 'ENOSPC' });
    await file.discard();
    expect(await readdir(join(disk, 'incoming'))).toEqual([]);
    const other = await small.create();
    await other.write(Buffer.alloc(100_000));
    await other.finish('a/b');
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('a folder that cannot be written is named at the start', async () => {
  const occupied = join(folder, 'occupied');
  await writeFile(occupied, '');
  const broken = new DiskMediaFiles(occupied, { clock: systemClock, random: systemRandom });
  await expect(broken.start()).rejects.toThrow(/media_store_path.*occupied/);
});

test('a read-only disk is told at the start', async (context) => {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  if (!mountDisk(disk, 'ro')) return context.skip('mounting a disk needs root');
  try {
    const readOnly = new DiskMediaFiles(disk, { clock: systemClock, random: systemRandom });
    await expect(readOnly.start()).rejects.toThrow(/media_store_path.*EROFS/);
  } finally {
    execFileSync('umount', [disk]);
  }
});

/** False where mounting isn't allowed. */
function mountDisk(at: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
