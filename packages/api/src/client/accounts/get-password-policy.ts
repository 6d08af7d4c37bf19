import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const getPasswordPolicy = endpoint({
  id: 'getPasswordPolicy',
  summary: 'What passwords must hold',
  source: 'synapse',
  method: 'GET',
  paths: clientPaths('/password_policy'),
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({
    'm.minimum_length': Type.Optional(count),
    'm.require_digit': Type.Optional(Type.Boolean()),
    'm.require_symbol': Type.Optional(Type.Boolean()),
    'm.require_lowercase': Type.Optional(Type.Boolean()),
    'm.require_uppercase': Type.Optional(Type.Boolean()),
  }),
});
