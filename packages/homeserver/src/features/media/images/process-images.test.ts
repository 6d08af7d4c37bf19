import { systemTimers } from '@myelin/runtime';
import { ManualTime } from '@myelin/runtime/testing';
import { afterAll, expect, test } from 'vitest';
import { hugePng, picture } from '../testing/pictures.ts';
import type { ThumbnailTarget } from '../thumbnail-target.ts';
import { ProcessImages } from './process-images.ts';

const images = new ProcessImages(systemTimers, 1_000_000);
afterAll(() => images.stop());

const target: ThumbnailTarget = { width: 32, height: 32, method: 'crop', type: 'image/png', animated: false };

test('tells what a picture is by its header', async () => {
  expect(await images.describe(await picture({ width: 60, height: 40, format: 'jpeg', orientation: 6 }))).toEqual({
    format: 'jpeg',
    width: 40,
    height: 60,
    hasAlpha: false,
    frames: 1,
  });
  expect(await images.describe(hugePng(30_000, 20_000))).toMatchObject({ width: 30_000, height: 20_000 });
});

test('reads no other formats, whatever they are called', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
  for (const text of [svg, `\x89PNG\r\n\x1a\n${svg}`, 'II*\0', '%PDF-1.7', '\0\0\0 ftypavif']) {
    const bytes = Buffer.from(text, 'latin1');
    expect(await images.describe(bytes)).toBeUndefined();
    expect(await images.scale(bytes, target)).toBeUndefined();
  }
  // Even asked directly, the decoders of other formats are shut.
  expect(await images.scale(Buffer.from(svg), target)).toBeUndefined();
});

test('decodes no more pixels than it may', async () => {
  expect(await images.scale(hugePng(30_000, 20_000), target)).toBeUndefined();
  expect(await images.scale(await picture({ width: 1001, height: 1000 }), target)).toBeUndefined();
  expect(await images.scale(await picture({ width: 1000, height: 1000 }), target)).toBeInstanceOf(Uint8Array);
});

test('a process that dies takes its jobs along, and the next job starts another', async () => {
  const own = new ProcessImages(systemTimers, 1_000_000);
  const bytes = await picture({ width: 900, height: 900 });
  expect(await own.scale(bytes, target)).toBeInstanceOf(Uint8Array);
  const lost = own.scale(bytes, target);
  own.kill();
  await expect(lost).rejects.toThrow('ended');
  expect(await own.scale(bytes, target)).toBeInstanceOf(Uint8Array);
  await own.stop();
  await expect(own.scale(bytes, target)).rejects.toThrow('stopping');
});

test('it goes when nothing was asked for a quarter of a minute', async () => {
  const time = new ManualTime();
  const own = new ProcessImages(time, 1_000_000);
  own.prepare();
  expect(own.isRunning).toBe(true);
  time.advance(14_000);
  await own.describe(Buffer.from('x'));
  time.advance(14_000);
  expect(own.isRunning).toBe(true);
  time.advance(1_000);
  expect(own.isRunning).toBe(false);
  await own.stop();
});

test('a decoder that hangs is ended', async () => {
  const time = new ManualTime();
  const own = new ProcessImages(time, 1_000_000);
  const hanging = own.scale(await picture({ width: 900, height: 900 }), target);
  time.advance(60_000);
  await expect(hanging).rejects.toThrow('ended');
  await own.stop();
});
