import { setTyping } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { setTypingHandler } from './handlers/set-typing.ts';
import type { TypingService } from './typing-service.ts';

export function typingRoutes(typing: TypingService): Route[] {
  return [route(setTyping, setTypingHandler(typing))];
}
