import type { MediaContent } from './media-store.ts';

/** How media is asked for. */
export interface MediaRequest {
  /** By one of the paths that need an access token. */
  readonly authenticated: boolean;
  /** How long to wait for a file that was announced, in ms; undefined: the default. */
  readonly timeoutMs: number | undefined;
  /** False: nothing is fetched from other servers. */
  readonly allowRemote: boolean;
  /** Holds the signal that the client has gone, made when it is asked for, and the client's address. */
  readonly request: { readonly signal: AbortSignal; readonly ip: string };
}

/** A file that may be shown. */
export interface FoundMedia {
  /** Names it among all media. */
  readonly key: string;
  readonly content: MediaContent;
  /** Of the file, in `MediaFiles`. */
  readonly path: string;
  /** Of its thumbnails. */
  readonly thumbnailFolder: string;
}
