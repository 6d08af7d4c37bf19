import type { CallRequest } from '../client/http-client.ts';
import type { QueryValue } from '../client/target.ts';
import type { Operation } from '../specification/index.ts';
import { hostileTexts } from './hostile-values.ts';
import { textFor, valueFromSchema, type ValueOptions } from './value-from-schema.ts';

/** A request of an operation that fits its schemas, or nearly fits them. */
export function randomRequest(operation: Operation, options: ValueOptions): CallRequest {
  const { random, hostility } = options;
  const params: Record<string, string> = {};
  const query: Record<string, QueryValue> = {};
  for (const { in: place, name, required, schema } of operation.parameters) {
    if (place === 'path') {
      const hostile = random.chance(hostility);
      params[name] = hostile ? random.pick(hostileTexts) || 'empty' : textFor(name, options);
    } else if (place === 'query' && (required || random.chance(0.5))) {
      query[name] = queryValue(name, valueFromSchema(schema, options), options);
    }
  }
  // No test waits for a long poll that nothing ends.
  if ('timeout' in query) query['timeout'] = 0;
  const content = operation.requestBody?.content ?? {};
  const schema = content['application/json']?.schema;
  if (schema !== undefined) return { params, query, body: valueFromSchema(schema, options) };
  return Object.keys(content).length > 0
    ? { params, query, bytes: 'bytes', contentType: 'text/plain' }
    : { params, query };
}

function queryValue(name: string, value: unknown, options: ValueOptions): string {
  if (options.random.chance(options.hostility)) return options.random.pick(hostileTexts);
  if (name in options.known) return textFor(name, options);
  return (typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value)).slice(0, 2_000);
}
