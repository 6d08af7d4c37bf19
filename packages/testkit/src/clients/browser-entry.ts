import { runConversation } from './conversation.ts';

/** What the page offers to the test that steers the browser. */
export interface ConversationPage {
  runConversation: typeof runConversation;
}

(globalThis as unknown as ConversationPage).runConversation = runConversation;
