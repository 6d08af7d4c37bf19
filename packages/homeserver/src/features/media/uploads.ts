import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import { isMediaId } from '@myelin/protocol';
import { randomString, type Clock, type Random } from '@myelin/runtime';
import type { MediaConfig } from '../../config/index.ts';
import { limitExceeded, type Requester } from '../../http/index.ts';
import type { UserNid } from '../names/index.ts';
import type { Arrivals } from './arrivals.ts';
import type { MediaFiles } from './files/media-files.ts';
import type { Images } from './images/images.ts';
import { contentPath } from './media-paths.ts';
import type { LocalMedia, MediaStore, ReceivedContent } from './media-store.ts';
import { storageRefusal, uploadTooLarge } from './refusals.ts';
import { receive, uploadFacts, type UploadContent } from './upload-content.ts';
import { UploadLimits } from './upload-limits.ts';
import { UploadSlots } from './upload-slots.ts';

export interface UploadsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly serverName: string;
  readonly config: MediaConfig;
  readonly store: MediaStore;
  readonly files: MediaFiles;
  readonly images: Images;
  readonly arrivals: Arrivals;
}

const mediaIdLength = 24;

/** Taking files in. Client-Server API, "Content repository". */
export class Uploads {
  readonly #parts: UploadsParts;
  readonly #limits: UploadLimits;
  readonly #slots = new UploadSlots();
  /** Ids whose content is on its way. (Several workers would have to share this.) */
  readonly #underWay = new Set<string>();

  constructor(parts: UploadsParts) {
    this.#parts = parts;
    this.#limits = new UploadLimits(parts.store, parts.clock, parts.config.uploadLimits);
  }

  /** Keeps a file; resolves to its `mxc://` address when file and row are durable. */
  async upload(requester: Requester, content: UploadContent): Promise<string> {
    const { clock, random, store, config } = this.#parts;
    const mediaId = randomString(random, mediaIdLength);
    await this.#keep(requester, mediaId, content, (writer, received) =>
      store.add(writer, {
        mediaId,
        user: requester.user,
        now: clock.now(),
        authenticated: config.authenticated,
        content: received,
      }),
    );
    return this.#address(mediaId);
  }

  /** An address for a file that comes later (POST /_matrix/media/v1/create). Throws M_LIMIT_EXCEEDED if many wait already. */
  async announce(requester: Requester): Promise<{ uri: string; expiresAt: number }> {
    const { database, clock, random, store, config } = this.#parts;
    const { user } = requester;
    const mediaId = randomString(random, mediaIdLength);
    const now = clock.now();
    await database.transact(async (writer) => {
      await writer.lock(lockOf(user));
      const { count, first } = await store.awaited(writer, user, now - config.unusedExpirationMs);
      if (count >= config.maxPendingUploads && !requester.isExemptFromLimits) {
        throw limitExceeded((first ?? now) + config.unusedExpirationMs - now);
      }
      await store.add(writer, { mediaId, user, now, authenticated: config.authenticated, content: undefined });
    });
    return { uri: this.#address(mediaId), expiresAt: now + config.unusedExpirationMs };
  }

  /**
   * The file of an announced address. Throws M_NOT_FOUND, M_FORBIDDEN (another user's), M_CANNOT_OVERWRITE_MEDIA, and
   * what `upload` does.
   */
  async uploadTo(requester: Requester, origin: string, mediaId: string, content: UploadContent): Promise<void> {
    const { store, serverName, arrivals } = this.#parts;
    if (origin !== serverName) throw new MatrixError('M_NOT_FOUND', 'Non-local server name specified');
    if (!isMediaId(mediaId)) throw new MatrixError('M_NOT_FOUND', 'Unknown media ID');
    if (this.#underWay.has(mediaId)) throw cannotOverwrite();
    this.#underWay.add(mediaId);
    try {
      this.#checkAwaited(requester, await store.find(mediaId));
      await this.#keep(requester, mediaId, content, async (writer, received) => {
        if (!(await store.fill(writer, mediaId, received))) throw cannotOverwrite();
      });
    } finally {
      this.#underWay.delete(mediaId);
    }
    arrivals.announce(mediaId);
  }

  #checkAwaited(requester: Requester, media: LocalMedia | undefined): void {
    const { clock, config } = this.#parts;
    if (!media) throw new MatrixError('M_NOT_FOUND', 'Unknown media ID');
    if (media.user !== requester.user)
      throw new MatrixError('M_FORBIDDEN', 'Only the creator of the media ID can upload to it');
    if (media.content) throw cannotOverwrite();
    if (media.createdTs < clock.now() - config.unusedExpirationMs)
      throw new MatrixError('M_NOT_FOUND', 'Media ID has expired');
  }

  async #keep(
    requester: Requester,
    mediaId: string,
    content: UploadContent,
    record: (writer: Writer, received: ReceivedContent) => Promise<void>,
  ): Promise<void> {
    const { files, database, config, images } = this.#parts;
    const { user } = requester;
    const facts = uploadFacts(content);
    if ((content.announced ?? 0) > config.maxUploadSize) throw uploadTooLarge();
    await this.#limits.check(database.reader, user, content.announced ?? 0);
    const giveBack = this.#slots.take(user, requester.isExemptFromLimits);
    try {
      // Its thumbnail is mostly asked for at once.
      if (facts.type.startsWith('image/')) images.prepare();
      const received = { ...facts, ...(await this.#store(mediaId, content, files)) };
      await this.#record(mediaId, (writer) => this.#recordWithin(writer, user, received, record));
    } catch (error) {
      throw storageRefusal(error);
    } finally {
      giveBack();
    }
  }

  async #store(
    mediaId: string,
    content: UploadContent,
    files: MediaFiles,
  ): Promise<{ length: number; sha256: Uint8Array }> {
    const { clock, config } = this.#parts;
    const file = await files.create();
    try {
      const received = await receive(content, file, config.maxUploadSize, clock);
      await file.finish(contentPath(mediaId));
      return received;
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  async #recordWithin(
    writer: Writer,
    user: UserNid,
    received: ReceivedContent,
    record: (writer: Writer, received: ReceivedContent) => Promise<void>,
  ): Promise<void> {
    if (this.#limits.areSet) {
      await writer.lock(lockOf(user));
      await this.#limits.check(writer, user, received.length);
    }
    await record(writer, received);
  }

  async #record(mediaId: string, body: (writer: Writer) => Promise<void>): Promise<void> {
    const { database, store, files } = this.#parts;
    try {
      await database.transact(body);
    } catch (error) {
      // Only a file that no row names is taken away: the outcome of a commit may be unknown.
      const recorded = await store.find(mediaId).then(
        (media) => media?.content !== undefined,
        () => true,
      );
      if (!recorded) await files.remove(contentPath(mediaId)).catch(() => {});
      throw error;
    }
  }

  #address(mediaId: string): string {
    return `mxc://${this.#parts.serverName}/${mediaId}`;
  }
}

function cannotOverwrite(): MatrixError {
  return new MatrixError('M_CANNOT_OVERWRITE_MEDIA', 'Media ID already has content');
}

/** Counting and adding go together, so that no limit is passed by asking twice at once. */
function lockOf(user: UserNid): string {
  return `media of user ${user}`;
}
