import type { login } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Login } from '../login.ts';
import { sessionAnswer } from '../session-answer.ts';

/** `wellKnown`: what clients are told of where the server is, if anything. */
export function loginHandler(
  logins: Login,
  serverName: string,
  wellKnown: Readonly<Record<string, unknown>> | undefined,
): Handler<typeof login> {
  return async ({ body, request }) => {
    const session = await logins.login(body, request.ip);
    return {
      user_id: session.userId,
      home_server: serverName,
      ...sessionAnswer(session),
      ...(wellKnown && { well_known: { ...wellKnown } }),
    };
  };
}
