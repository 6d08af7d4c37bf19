import type { NewSession } from './sessions.ts';

/** How a session is told in the answers of /login and /register. */
export function sessionAnswer(session: NewSession): {
  access_token: string;
  device_id: string;
  refresh_token?: string;
  expires_in_ms?: number;
} {
  return {
    access_token: session.accessToken,
    device_id: session.deviceId,
    ...(session.refreshToken !== undefined && { refresh_token: session.refreshToken }),
    ...(session.expiresInMs !== undefined && { expires_in_ms: session.expiresInMs }),
  };
}
