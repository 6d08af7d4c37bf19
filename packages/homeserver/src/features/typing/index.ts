export { typingRoutes } from './routes.ts';
export { TypingService } from './typing-service.ts';
export { Typing, type Typist, type TypingListener } from './typing.ts';
