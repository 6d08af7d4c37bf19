import { open } from 'node:fs/promises';
import type Sharp from 'sharp';
import type { ImageFacts, ThumbnailTarget } from '../../thumbnail-target.ts';
import type { ImageSource } from '../images.ts';
import type { ImageReply, ImageRequest } from '../messages.ts';

type SharpModule = typeof Sharp;

/** Seconds that one picture may take. */
const longestJob = 30;

/** Leaves only the four decoders that are needed, and keeps no decoded pictures. */
export function limitDecoders(sharp: SharpModule): void {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadNsgif'],
  });
}

/** Does a job; pictures that can't be read give a reply without a result. */
export async function answerImageRequest(sharp: SharpModule, request: ImageRequest): Promise<ImageReply> {
  const { id, source } = request;
  try {
    if (request.kind === 'scale') return { id, bytes: await scale(sharp, source, request.target, request.maxPixels) };
    const facts = await describe(sharp, source);
    return facts ? { id, facts } : { id };
  } catch {
    return { id };
  }
}

async function describe(sharp: SharpModule, source: ImageSource): Promise<ImageFacts | undefined> {
  const format = formatOf(await firstBytes(source));
  if (!format) return undefined;
  // Reads the header only; what it announces is checked by the one who asks.
  const facts = await sharp(source, { limitInputPixels: false, failOn: 'none' }).metadata();
  const { width, height } = facts.autoOrient;
  if (facts.format !== format || !(width > 0) || !(height > 0)) return undefined;
  return { format, width, height, hasAlpha: facts.hasAlpha === true, frames: facts.pages ?? 1 };
}

async function scale(
  sharp: SharpModule,
  source: ImageSource,
  target: ThumbnailTarget,
  maxPixels: number,
): Promise<Uint8Array> {
  const { width, height, method, animated, type } = target;
  const picture = sharp(source, { limitInputPixels: maxPixels, failOn: 'error', animated, sequentialRead: true });
  // Several frames can't be turned.
  if (!animated) picture.autoOrient();
  picture.resize(width, height, { fit: method === 'crop' ? 'cover' : 'fill' }).timeout({ seconds: longestJob });
  if (type === 'image/jpeg') return picture.jpeg({ quality: 80 }).toBuffer();
  if (type === 'image/webp') return picture.webp({ quality: 80, effort: 2 }).toBuffer();
  return picture.png({ compressionLevel: 6, adaptiveFiltering: true }).toBuffer();
}

async function firstBytes(source: ImageSource): Promise<Uint8Array> {
  if (typeof source !== 'string') return source.subarray(0, 12);
  const handle = await open(source, 'r');
  try {
    const buffer = Buffer.alloc(12);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** By the first bytes: what the uploader says a file is isn't believed. */
function formatOf(bytes: Uint8Array): ImageFacts['format'] | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  return undefined;
}
