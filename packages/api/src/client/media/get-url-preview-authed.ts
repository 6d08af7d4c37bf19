import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject, nothing } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

export const getUrlPreviewAuthed = endpoint({
  id: 'getUrlPreviewAuthed',
  summary: 'What a web page is about',
  source: 'client-server',
  method: 'GET',
  paths: clientPathsIn(['v1'], '/media/preview_url'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: Type.Object({ url: Type.String(), ts: Type.Optional(count) }),
  body: undefined,
  response: jsonObject,
});
