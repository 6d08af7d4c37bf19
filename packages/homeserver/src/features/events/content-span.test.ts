import fc from 'fast-check';
import { canonicalJson, type JsonObject } from '@myelin/protocol';
import { expect, it } from 'vitest';
import { contentSpan } from './content-span.ts';

const text = fc.oneof(fc.string(), fc.constantFrom('],"content":', '"content":{', '\\"', '[', '}', '"auth_events":["'));
const value = fc.oneof(fc.integer(), text, fc.array(text), fc.dictionary(text, fc.array(text)));

it('finds the content, whatever stands around it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.constantFrom('a', 'auth_event', 'auth_events', 'content2', 'type'), text), value),
      fc.option(fc.array(text)),
      fc.dictionary(fc.oneof(fc.constant('content'), text), value),
      (rest, authEvents, content) => {
        const event = { ...rest, ...(authEvents && { auth_events: authEvents }), content } as JsonObject;
        const json = canonicalJson(event);
        const [start, end] = contentSpan(json);
        expect(json.slice(start, end)).toBe(canonicalJson(content as JsonObject));
      },
    ),
  );
});
