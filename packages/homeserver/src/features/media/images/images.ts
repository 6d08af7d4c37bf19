import type { ImageFacts, ThumbnailTarget } from '../thumbnail-target.ts';

/** A picture: a file on this machine, or its bytes. */
export type ImageSource = string | Uint8Array;

/** Reads and scales pictures, away from the event loop. */
export interface Images {
  /** Undefined: not a picture of a format that is scaled. */
  describe(source: ImageSource): Promise<ImageFacts | undefined>;
  /** Undefined: the picture is damaged. The result has no metadata (places, cameras) of the original. */
  scale(source: ImageSource, target: ThumbnailTarget): Promise<Uint8Array | undefined>;
  /** Pictures will be asked for soon. */
  prepare(): void;
  stop(): Promise<void>;
}
