export { pushRulesMigrations } from './migrations.ts';
export { PushRules, type ReaderRules } from './push-rules.ts';
export { Pushers, type Pusher } from './pushers.ts';
export { pushRulesRoutes } from './routes.ts';
