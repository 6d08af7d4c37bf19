export { EventExplainer } from './event-explainer.ts';
export type {
  Check,
  CheckName,
  EventExplanation,
  EventMention,
  ReplayedEvent,
  ResolutionAccount,
} from './explanation.ts';
