import type { setTyping } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { TypingService } from '../typing-service.ts';

export function setTypingHandler(typing: TypingService): Handler<typeof setTyping> {
  return async ({ params, body, requester }) => {
    await typing.set(requester, params.roomId, params.userId, body.typing, body.timeout ?? undefined);
    return {};
  };
}
