import type { claimKeys } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { KeyClaims } from '../key-claims.ts';
import { remoteTimeout } from './remote-timeout.ts';

export function claimKeysHandler(claims: KeyClaims): Handler<typeof claimKeys> {
  return async ({ body, query }) =>
    rawJson(await claims.claim(body.one_time_keys, remoteTimeout(query.timeout ?? body.timeout)));
}
