import type { refresh } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { sessionAnswer } from '../session-answer.ts';
import type { Sessions } from '../sessions.ts';

export function refreshHandler(sessions: Sessions): Handler<typeof refresh> {
  return async ({ body }) => {
    const { device_id: _device, ...tokens } = sessionAnswer(await sessions.refresh(body.refresh_token));
    return tokens;
  };
}
