import {
  historyVisibilityOf,
  isVisibleToServer,
  visibilityForClient,
} from '../../history-visibility/history-visibility.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Category, Vector } from '../category.ts';

function membershipOf(content: JsonValue | undefined): string | undefined {
  const membership = isJsonObject(content) ? getOwn(content, 'membership') : undefined;
  return typeof membership === 'string' ? membership : undefined;
}

function contentOf(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

function answerForClient(input: JsonObject): JsonObject {
  const event = input['event'] as JsonObject;
  const state = contentOf(input['state_after']) ?? {};
  const isOwnMembership = event['type'] === 'm.room.member' && event['state_key'] === input['user_id'];
  const visibilityBefore =
    event['type'] === 'm.room.history_visibility' ? historyVisibilityOf(contentOf(input['prev_content'])) : undefined;
  const sees = visibilityForClient({
    visibility: historyVisibilityOf(contentOf(state['m.room.history_visibility'])),
    visibilityBefore,
    membership: membershipOf(isOwnMembership ? event['content'] : state['m.room.member']),
    isOwnMembership,
    membershipBefore: isOwnMembership ? membershipOf(input['prev_content']) : undefined,
    joinedSince: input['peeking'] === false,
    isState: event['state_key'] !== undefined,
    senderIgnored: input['sender_ignored'] === true,
    senderErased: input['sender_erased'] === true,
    isOutlier: input['outlier'] === true,
  });
  return { sees };
}

function answerForServer(input: JsonObject): JsonObject {
  const memberships = (input['memberships_of_target'] as string[][]).map(([, membership]) => membership as string);
  const visible = isVisibleToServer({
    visibility: historyVisibilityOf({ history_visibility: input['history_visibility'] as string }),
    memberships: () => memberships,
    senderErased: getOwn(input['erased_senders'] as JsonObject, input['sender'] as string) === true,
  });
  return { visible: visible && input['partial_state'] === false };
}

export const historyVisibilityVectors: Category = {
  name: 'history-visibility',
  answer: ({ input }: Vector): JsonObject =>
    input['kind'] === 'client' ? answerForClient(input) : answerForServer(input),
};
