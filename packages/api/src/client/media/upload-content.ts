import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { mediaPaths } from '../paths.ts';

export const uploadContent = endpoint({
  id: 'uploadContent',
  summary: 'Upload a file',
  source: 'client-server',
  method: 'POST',
  paths: mediaPaths('/upload'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ filename: Type.Optional(Type.String()) }),
  body: 'bytes',
  response: Type.Object({ content_uri: Type.String() }),
});
