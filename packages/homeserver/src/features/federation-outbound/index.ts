export type { Edu, EduSender } from './edu-sender.ts';
