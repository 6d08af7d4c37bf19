import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count } from '../../shared.ts';
import { mediaPaths } from '../paths.ts';

/** The path from before media needed a token: it serves what was uploaded then. */
export const getContent = endpoint({
  id: 'getContent',
  summary: 'Download a file (deprecated)',
  source: 'client-server',
  method: 'GET',
  paths: mediaPaths('/download/:serverName/:mediaId'),
  auth: 'none',
  rateLimit: 'none',
  params: Type.Object({ serverName: Type.String(), mediaId: Type.String() }),
  query: Type.Object({
    allow_remote: Type.Optional(Type.Boolean()),
    allow_redirect: Type.Optional(Type.Boolean()),
    timeout_ms: Type.Optional(count),
  }),
  body: undefined,
  response: 'bytes',
});
