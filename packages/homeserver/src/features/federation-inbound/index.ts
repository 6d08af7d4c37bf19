export { EduHandlers, type EduHandler } from './edu-handlers.ts';
