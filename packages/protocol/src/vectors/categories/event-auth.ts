import { checkAuthEventChoice } from '../../auth/auth-event-choice.ts';
import { authStateOf, type EventWithId } from '../../auth/auth-state.ts';
import { checkEventAuth } from '../../auth/check-event-auth.ts';
import type { AuthDecision } from '../../auth/decision.ts';
import type { Pdu } from '../../events/event.ts';
import type { JsonObject } from '../../json/value.ts';
import { versionOf, type Category, type Vector } from '../category.ts';

interface EventAuthInput {
  readonly event: Pdu;
  readonly auth_event_ids: readonly string[];
  /** In the order of the ids; in version 12 the create event is among them though the event doesn't name it. */
  readonly auth_events: readonly Pdu[];
  readonly rejected?: readonly string[];
}

function decide(vector: Vector): AuthDecision {
  const version = versionOf(vector);
  const input = vector.input as unknown as EventAuthInput;
  const authEvents = input.auth_events.map((pdu, index): EventWithId => {
    const eventId = input.auth_event_ids[index]!;
    return { eventId, pdu, rejected: input.rejected?.includes(eventId) ?? false };
  });
  const choice = checkAuthEventChoice(input.event, authEvents, version);
  return choice.allowed ? checkEventAuth(input.event, authStateOf(authEvents), version) : choice;
}

/** Whether an event is allowed by the auth events that it names. */
export const eventAuthVectors: Category = {
  name: 'event-auth',
  answer: (vector) => ({ allowed: decide(vector).allowed }),
  facts(vector): JsonObject {
    const { event } = vector.input as unknown as EventAuthInput;
    const decision = decide(vector);
    return {
      ...(!decision.allowed && { reason: decision.reason, message: decision.message }),
      ...(typeof event.redacts === 'string' && { redacts: event.redacts }),
    };
  },
};
