import { sessionAnswer } from '../sessions/index.ts';
import type { Registered } from './registration.ts';

/** The answer to a registration. */
export function registeredAnswer(
  registered: Registered,
  serverName: string,
): { user_id: string; home_server: string } & Partial<ReturnType<typeof sessionAnswer>> {
  return {
    user_id: registered.userId,
    home_server: serverName,
    ...(registered.session && sessionAnswer(registered.session)),
  };
}
