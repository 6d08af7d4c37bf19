import { compileRoomEventFilter } from '../../filters/event-filter.ts';
import { faultOfFilter } from '../../filters/filter-validation.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Category, Vector } from '../category.ts';
import { inputOf } from '../input.ts';

export const filters: Category = {
  name: 'filters',
  answer({ input }: Vector): JsonObject {
    const filter = inputOf(input, 'filter') as JsonValue;
    if (input['kind'] === 'validate') return { valid: faultOfFilter(filter) === undefined };
    const event = inputOf(input, 'event') as JsonObject;
    const passes = compileRoomEventFilter(filter as JsonObject, 100).allows({
      type: event['type'] as string,
      sender: event['sender'] as string,
      roomId: (input['room_id'] ?? event['room_id']) as string,
      content: () => (isJsonObject(event['content']) ? event['content'] : undefined),
    });
    return { passes };
  },
};
