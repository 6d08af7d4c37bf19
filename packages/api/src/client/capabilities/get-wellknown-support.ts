import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';

export const getWellknownSupport = endpoint({
  id: 'getWellknownSupport',
  summary: 'Whom to ask for help',
  source: 'client-server',
  method: 'GET',
  paths: ['/.well-known/matrix/support'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({
    contacts: Type.Optional(
      Type.Array(
        Type.Object({
          role: Type.String(),
          email_address: Type.Optional(Type.String()),
          matrix_id: Type.Optional(Type.String()),
        }),
      ),
    ),
    support_page: Type.Optional(Type.String()),
  }),
});
