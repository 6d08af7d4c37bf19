import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { thumbnailQuery } from '../client/shapes/thumbnails.ts';

/** Answered as multipart/mixed: metadata as JSON, then the image. */
export const getContentThumbnail = endpoint({
  id: 'federation.getContentThumbnail',
  summary: 'A thumbnail of a file of this server',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/media/thumbnail/:mediaId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ mediaId: Type.String() }),
  query: thumbnailQuery,
  body: undefined,
  response: 'bytes',
});
