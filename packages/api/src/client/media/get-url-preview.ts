import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject, nothing } from '../../shared.ts';
import { mediaPaths } from '../paths.ts';

export const getUrlPreview = endpoint({
  id: 'getUrlPreview',
  summary: 'What a web page is about (deprecated)',
  source: 'client-server',
  method: 'GET',
  paths: mediaPaths('/preview_url'),
  auth: 'user',
  rateLimit: 'client',
  params: nothing,
  query: Type.Object({ url: Type.String(), ts: Type.Optional(count) }),
  body: undefined,
  response: jsonObject,
});
