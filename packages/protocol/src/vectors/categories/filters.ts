import { compileRoomEventFilter } from '../../filters/event-filter.ts';
import { faultOfFilter } from '../../filters/filter-validation.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Category, Vector } from '../category.ts';

export const filtersVectors: Category = {
  name: 'filters',
  answer({ input }: Vector): JsonObject {
    const filter = input['filter'] as JsonValue;
    if (input['kind'] === 'validate') return { valid: faultOfFilter(filter) === undefined };
    const event = input['event'] as JsonObject;
    const passes = compileRoomEventFilter(filter as JsonObject, 100).allows({
      type: event['type'] as string,
      sender: event['sender'] as string,
      roomId: (input['room_id'] ?? event['room_id']) as string,
      content: () => (isJsonObject(event['content']) ? event['content'] : undefined),
    });
    return { passes };
  },
  facts({ input }: Vector): JsonObject {
    if (input['kind'] === 'validate') return { fault: faultOfFilter(input['filter'] as JsonValue) ?? '' };
    return { cause: causeOfDispute(input['filter'] as JsonObject, input['event'] as JsonObject) };
  },
};

/** What about this filter and this event Synapse and we see differently. */
function causeOfDispute(filter: JsonObject, event: JsonObject): string {
  const content = isJsonObject(event['content']) ? event['content'] : {};
  const types = [filter['types'], filter['not_types']].flat().filter((type) => typeof type === 'string');
  if (types.some((type) => type.slice(0, -1).includes('*'))) return 'wildcard-within-type';
  if ('contains_url' in filter && 'url' in content && typeof content['url'] !== 'string') return 'url-is-no-string';
  const labels = content['org.matrix.labels'];
  return labels !== undefined && !Array.isArray(labels) ? 'labels-are-no-list' : '';
}
