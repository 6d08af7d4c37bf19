import { hostileEdus } from './hostile-edus.ts';
import { hostileEvents } from './hostile-events.ts';
import type { HostileKind } from './hostile-kind.ts';
import { hostileQuestions } from './hostile-questions.ts';
import { hostileServers } from './hostile-servers.ts';

/** What costs a server nothing, and may be done without end. */
export const hostileKinds: Readonly<Record<string, HostileKind>> = {
  ...hostileEdus,
  ...hostileEvents,
  ...hostileQuestions,
  ...hostileServers,
};

/** The last 20,000 answers to transactions, which are written some seconds later. */
export const growsAnyway: readonly string[] = ['table inbound_transactions'];

/** Of 50,000 servers and no more (stored-servers.test.ts). */
const keys = ['table server_keys', 'table server_key_answers'];

/** Tables that grow all the same, and why they may. */
export const mayGrow: Readonly<Record<string, readonly string[]>> = {
  // Kept, so that it isn't asked for again by who is in the room; the room may shut the server out.
  'events that are refused': ['events', 'event_refusals', 'user_names', 'type_names', 'state_keys'].map(
    (name) => `table ${name}`,
  ),
  'requests of many servers': keys,
  'presences from many servers': keys,
  'messages from many servers to users that there are not': keys,
  'messages from many servers to devices that there are not': keys,
  'questions for keys of many servers': keys,
};
