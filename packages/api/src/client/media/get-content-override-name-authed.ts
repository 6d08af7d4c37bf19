import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

export const getContentOverrideNameAuthed = endpoint({
  id: 'getContentOverrideNameAuthed',
  summary: 'Download a file under another name',
  source: 'client-server',
  method: 'GET',
  paths: clientPathsIn(['v1'], '/media/download/:serverName/:mediaId/:fileName'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({ serverName: Type.String(), mediaId: Type.String(), fileName: Type.String() }),
  query: Type.Object({ timeout_ms: Type.Optional(count) }),
  body: undefined,
  response: 'bytes',
});
