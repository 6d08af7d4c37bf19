import type { queryKeys } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { KeyQueries } from '../key-queries.ts';
import { remoteTimeout } from './remote-timeout.ts';

export function queryKeysHandler(queries: KeyQueries): Handler<typeof queryKeys> {
  return async ({ body, query, requester }) =>
    rawJson(await queries.query(requester, body.device_keys, remoteTimeout(query.timeout ?? body.timeout)));
}
