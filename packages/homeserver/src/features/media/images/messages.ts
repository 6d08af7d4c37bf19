import type { ImageFacts, ThumbnailTarget } from '../thumbnail-target.ts';
import type { ImageSource } from './images.ts';

/** What the image process is asked; `maxPixels` is what it decodes at most. */
export type ImageRequest =
  | { readonly id: number; readonly kind: 'describe'; readonly source: ImageSource }
  | {
      readonly id: number;
      readonly kind: 'scale';
      readonly source: ImageSource;
      readonly target: ThumbnailTarget;
      readonly maxPixels: number;
    };

/** Its answer; neither facts nor bytes: the picture can't be read. */
export interface ImageReply {
  readonly id: number;
  readonly facts?: ImageFacts;
  readonly bytes?: Uint8Array;
}
