import { MatrixError } from '@myelin/api';
import { boundedCache } from '../../caches/index.ts';
import type { MediaConfig } from '../../config/index.ts';
import { limitExceeded } from '../../http/index.ts';
import { Slots } from '../../queues/index.ts';
import type { MediaFiles, StoredFile } from './files/media-files.ts';
import type { FoundMedia } from './found-media.ts';
import type { Images } from './images/images.ts';
import { thumbnailPath } from './media-paths.ts';
import { mediaNotFound } from './refusals.ts';
import { thumbnailTarget, type ImageFacts, type ThumbnailTarget, type WantedThumbnail } from './thumbnail-target.ts';

/** Pictures that are read or scaled at once. */
const atOnce = 2;
/** More than these wait: the others are told to come again. */
const mostWaiting = 1_000;
const tryAgainMs = 1_000;
/** With `dynamic_thumbnails` clients choose sizes: no more than these are kept of a picture. */
const mostKept = 100;

/** A thumbnail, stored or just made. */
export interface Thumbnail {
  readonly type: string;
  readonly size: number;
  content(): ReturnType<StoredFile['content']>;
}

/**
 * Thumbnails are made when they are first asked for and kept: most of the sizes that could be made at an upload are
 * never asked for.
 */
export class Thumbnails {
  readonly #config: MediaConfig;
  readonly #files: MediaFiles;
  readonly #images: Images;
  readonly #slots = new Slots({ atOnce, mostWaiting, refusal: () => limitExceeded(tryAgainMs) });
  /** By media; undefined: not a picture. */
  readonly #facts = boundedCache<string, { image: ImageFacts | undefined }>(20_000);
  /** By path: made, and not stored yet. */
  readonly #making = new Map<string, { bytes: Promise<Uint8Array>; stored: Promise<void> }>();

  constructor({ config, files, images }: { config: MediaConfig; files: MediaFiles; images: Images }) {
    this.#config = config;
    this.#files = files;
    this.#images = images;
  }

  /** Throws M_UNKNOWN for what isn't a picture, M_TOO_LARGE for one with too many pixels, M_NOT_FOUND. */
  async get(media: FoundMedia, wanted: WantedThumbnail): Promise<Thumbnail> {
    const { dynamicThumbnails, thumbnailSizes, maxImagePixels } = this.#config;
    const image = await this.#describe(media);
    const sizes = dynamicThumbnails ? undefined : thumbnailSizes;
    const target = thumbnailTarget(image, wanted, { sizes, maxPixels: maxImagePixels });
    if (!target) throw cannotScale();
    const path = thumbnailPath(media.thumbnailFolder, target);
    const stored = this.#making.has(path) ? undefined : await this.#files.open(path);
    if (stored) return { type: target.type, size: stored.size, content: () => stored.content() };
    const bytes = await this.#make(media, target, path);
    return { type: target.type, size: bytes.length, content: async () => bytes };
  }

  /** Resolves when what has been made is stored. */
  async settle(): Promise<void> {
    await Promise.all([...this.#making.values()].map(({ stored }) => stored));
  }

  async #describe(media: FoundMedia): Promise<ImageFacts> {
    let known = this.#facts.get(media.key);
    if (!known) {
      known = await this.#slots.run(async () => ({ image: await this.#images.describe(await this.#source(media)) }));
      this.#facts.set(media.key, known);
    }
    const { image } = known;
    if (!image) throw cannotScale();
    if (image.width * image.height > this.#config.maxImagePixels) {
      throw new MatrixError('M_TOO_LARGE', 'Content is too large to thumbnail');
    }
    return image;
  }

  /** Those who ask for the same thumbnail meanwhile get the same one. */
  #make(media: FoundMedia, target: ThumbnailTarget, path: string): Promise<Uint8Array> {
    const others = this.#making.get(path);
    if (others) return others.bytes;
    const bytes = this.#slots
      .run(async () => this.#images.scale(await this.#source(media), target))
      .then((made) => {
        if (made) return made;
        this.#facts.set(media.key, { image: undefined });
        throw cannotScale();
      });
    // Not stored: it is made again the next time.
    const stored = bytes
      .then((made) => this.#keep(media, path, made))
      .catch(() => {})
      .finally(() => this.#making.delete(path));
    this.#making.set(path, { bytes, stored });
    return bytes;
  }

  async #keep(media: FoundMedia, path: string, bytes: Uint8Array): Promise<void> {
    if (this.#config.dynamicThumbnails && (await this.#files.list(media.thumbnailFolder)).length >= mostKept) return;
    const file = await this.#files.create();
    try {
      // A copy, since those who asked are given the bytes meanwhile.
      await file.write(Uint8Array.from(bytes));
      await file.finish(path);
    } finally {
      await file.discard();
    }
  }

  async #source(media: FoundMedia): Promise<string | Uint8Array> {
    const file = await this.#files.open(media.path);
    if (!file) throw mediaNotFound();
    return file.source();
  }
}

function cannotScale(): MatrixError {
  return new MatrixError('M_UNKNOWN', 'Cannot generate thumbnails for the requested content');
}
