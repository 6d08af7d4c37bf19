export { typingRoutes } from './routes.ts';
export { TypingService } from './typing-service.ts';
export { Typing } from './typing.ts';
