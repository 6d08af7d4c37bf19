import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { mediaPaths } from '../paths.ts';
import { thumbnailQuery } from '../shapes/thumbnails.ts';

/** The path from before media needed a token: it serves what was uploaded then. */
export const getContentThumbnail = endpoint({
  id: 'getContentThumbnail',
  summary: 'Download a thumbnail (deprecated)',
  source: 'client-server',
  method: 'GET',
  paths: mediaPaths('/thumbnail/:serverName/:mediaId'),
  auth: 'none',
  rateLimit: 'none',
  params: Type.Object({ serverName: Type.String(), mediaId: Type.String() }),
  query: Type.Object({
    ...thumbnailQuery.properties,
    allow_remote: Type.Optional(Type.Boolean()),
    allow_redirect: Type.Optional(Type.Boolean()),
  }),
  body: undefined,
  response: 'bytes',
});
