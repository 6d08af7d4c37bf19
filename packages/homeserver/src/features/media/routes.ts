import {
  createContent,
  federation,
  getConfig,
  getConfigAuthed,
  getContent,
  getContentAuthed,
  getContentOverrideName,
  getContentOverrideNameAuthed,
  getContentThumbnail,
  getContentThumbnailAuthed,
  uploadContent,
  uploadContentToMXC,
} from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { MediaFiles } from './files/media-files.ts';
import { createContentHandler } from './handlers/create-content.ts';
import { getConfigAuthedHandler } from './handlers/get-config-authed.ts';
import { getConfigHandler } from './handlers/get-config.ts';
import { getContentAuthedHandler } from './handlers/get-content-authed.ts';
import { getContentForServerHandler, type ServerMediaServices } from './handlers/get-content-for-server.ts';
import { getContentThumbnailForServerHandler } from './handlers/get-content-thumbnail-for-server.ts';
import { getContentHandler } from './handlers/get-content.ts';
import { getContentOverrideNameAuthedHandler } from './handlers/get-content-override-name-authed.ts';
import { getContentOverrideNameHandler } from './handlers/get-content-override-name.ts';
import { getContentThumbnailAuthedHandler } from './handlers/get-content-thumbnail-authed.ts';
import { getContentThumbnailHandler } from './handlers/get-content-thumbnail.ts';
import { uploadContentHandler } from './handlers/upload-content.ts';
import { uploadContentToMXCHandler } from './handlers/upload-content-to-mxc.ts';
import type { Library } from './library.ts';
import type { Thumbnails } from './thumbnails.ts';
import type { Uploads } from './uploads.ts';

export interface MediaServices {
  readonly uploads: Uploads;
  readonly library: Library;
  readonly thumbnails: Thumbnails;
  readonly files: MediaFiles;
  /** Bytes. */
  readonly maxUploadSize: number;
}

export function mediaRoutes(media: MediaServices): Route[] {
  return [
    route(uploadContent, uploadContentHandler(media)),
    route(createContent, createContentHandler(media)),
    route(uploadContentToMXC, uploadContentToMXCHandler(media)),
    route(getConfig, getConfigHandler(media)),
    route(getConfigAuthed, getConfigAuthedHandler(media)),
    route(getContent, getContentHandler(media)),
    route(getContentAuthed, getContentAuthedHandler(media)),
    route(getContentOverrideName, getContentOverrideNameHandler(media)),
    route(getContentOverrideNameAuthed, getContentOverrideNameAuthedHandler(media)),
    route(getContentThumbnail, getContentThumbnailHandler(media)),
    route(getContentThumbnailAuthed, getContentThumbnailAuthedHandler(media)),
  ];
}

/** What other servers get, for the listener resource `federation`. */
export function serverMediaRoutes(media: ServerMediaServices & { readonly thumbnails: Thumbnails }): Route[] {
  return [
    route(federation.getContent, getContentForServerHandler(media)),
    route(federation.getContentThumbnail, getContentThumbnailForServerHandler(media)),
  ];
}
