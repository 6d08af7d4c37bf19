import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { clientPathsIn } from '../paths.ts';
import { thumbnailQuery } from '../shapes/thumbnails.ts';

export const getContentThumbnailAuthed = endpoint({
  id: 'getContentThumbnailAuthed',
  summary: 'Download a thumbnail',
  source: 'client-server',
  method: 'GET',
  paths: clientPathsIn(['v1'], '/media/thumbnail/:serverName/:mediaId'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ serverName: Type.String(), mediaId: Type.String() }),
  query: thumbnailQuery,
  body: undefined,
  response: 'bytes',
});
