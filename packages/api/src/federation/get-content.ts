import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { count } from '../shared.ts';

/** Answered as multipart/mixed: metadata as JSON, then the file. */
export const getContent = endpoint({
  id: 'federation.getContent',
  summary: 'A file of this server',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/media/download/:mediaId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ mediaId: Type.String() }),
  query: Type.Object({ timeout_ms: Type.Optional(count) }),
  body: undefined,
  response: 'bytes',
});
