import type { ThumbnailSize } from '../../config/index.ts';

/** What the header of a picture tells. */
export interface ImageFacts {
  readonly format: 'jpeg' | 'png' | 'webp' | 'gif';
  /** As it is shown: turned as its EXIF orientation says. */
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  /** More than 1: it is animated. */
  readonly frames: number;
}

/** What a client asks for, in pixels. */
export interface WantedThumbnail {
  readonly width: number;
  readonly height: number;
  readonly method: 'crop' | 'scale';
  readonly animated: boolean;
}

/** A thumbnail that can be made: never larger than the picture. */
export interface ThumbnailTarget {
  readonly width: number;
  readonly height: number;
  readonly method: 'crop' | 'scale';
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly animated: boolean;
}

export interface ThumbnailRules {
  /** `thumbnail_sizes`; undefined with `dynamic_thumbnails`, when any size is made. */
  readonly sizes: readonly ThumbnailSize[] | undefined;
  /** Pixels of all frames together: animations with more are shown still. */
  readonly maxPixels: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Undefined: no configured size has the wanted method. */
export function thumbnailTarget(
  image: ImageFacts,
  wanted: WantedThumbnail,
  rules: ThumbnailRules,
): ThumbnailTarget | undefined {
  const { method } = wanted;
  const asked = { width: Math.min(wanted.width, 100_000), height: Math.min(wanted.height, 100_000) };
  const size = rules.sizes ? bestOf(image, asked, method, rules.sizes) : fitted(image, asked, method);
  if (!size) return undefined;
  const animated = wanted.animated && image.frames > 1 && image.width * image.height * image.frames <= rules.maxPixels;
  return { ...size, method, animated, type: animated ? 'image/webp' : stillType(image) };
}

/** As Synapse: what may be transparent becomes PNG, photographs JPEG. */
function stillType({ format, hasAlpha }: ImageFacts): 'image/png' | 'image/jpeg' {
  return format === 'jpeg' || (format === 'webp' && !hasAlpha) ? 'image/jpeg' : 'image/png';
}

/** The size that a thumbnail gets in a box. Client-Server API, "Thumbnails": pictures are never made larger. */
function fitted(image: Size, box: Size, method: 'crop' | 'scale'): Size {
  if (method === 'scale') {
    const { width, height } = aspect(image, box);
    return { width: Math.min(width, image.width), height: Math.min(height, image.height) };
  }
  // Both sides shrink alike, so that the wanted shape is kept.
  const factor = Math.min(1, image.width / Math.max(box.width, 1), image.height / Math.max(box.height, 1));
  return { width: Math.max(Math.floor(box.width * factor), 1), height: Math.max(Math.floor(box.height * factor), 1) };
}

/** The largest size of the picture's shape inside the box, rounded as Synapse does. */
function aspect(image: Size, box: Size): Size {
  return box.width * image.height < box.height * image.width
    ? { width: Math.max(box.width, 1), height: Math.max(Math.floor((box.width * image.height) / image.width), 1) }
    : { width: Math.max(Math.floor((box.height * image.width) / image.height), 1), height: Math.max(box.height, 1) };
}

/** The configured size that is nearest to the wanted one, larger ones first: Synapse's order of preference. */
function bestOf(image: Size, asked: Size, method: 'crop' | 'scale', sizes: readonly ThumbnailSize[]): Size | undefined {
  let best: { size: Size; rank: readonly number[] } | undefined;
  for (const configured of sizes) {
    if (configured.method !== method) continue;
    const size = fitted(image, configured, method);
    const rank = rankOf(asked, method === 'crop' ? configured : size, method);
    if (!best || isBefore(rank, best.rank)) best = { size, rank };
  }
  return best?.size;
}

function rankOf(asked: Size, size: Size, method: 'crop' | 'scale'): readonly number[] {
  const tooSmall = size.width >= asked.width || size.height >= asked.height ? 0 : 1;
  const distance = Math.abs((asked.width - size.width) * (asked.height - size.height));
  if (method === 'scale') return [tooSmall, distance];
  // Of the ratio, not of the areas as in Synapse, which takes the smallest of several that are too small.
  const shape = Math.abs(asked.width - asked.height * (size.width / size.height));
  const covers = asked.width <= size.width && asked.height <= size.height ? 0 : 1;
  return [tooSmall, shape, covers, distance];
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return (a[i] as number) < (b[i] as number);
  }
  return false;
}
