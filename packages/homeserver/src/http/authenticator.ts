import type { Authentication } from '@myelin/api';
import type { Requester } from './requester.ts';

/** Finds out who calls. Implemented by `features/sessions` (tokens) and, for servers, by `features/federation-inbound`. */
export interface Authenticator {
  /**
   * The owner of the access token. Throws M_UNKNOWN_TOKEN, M_USER_LOCKED, M_GUEST_ACCESS_FORBIDDEN … as
   * Client-Server API §5 says.
   */
  authenticate(accessToken: string, auth: Authentication, ip: string, userAgent: string): Promise<Requester>;
}
