import { describe, expect, it } from 'vitest';
import { parsePropertyPath, valueAt } from './property-path.ts';

describe('a dot-separated property path', () => {
  it.each([
    ['content.body', ['content', 'body']],
    ['content.m\\.relates_to.rel_type', ['content', 'm.relates_to', 'rel_type']],
    ['content.m\\\\foo', ['content', 'm\\foo']],
    ['content.a\\x', ['content', 'a\\x']],
    ['content.', ['content', '']],
    ['a\\\\.b', ['a\\', 'b']],
    ['', ['']],
  ])('%s', (path, names) => {
    expect(parsePropertyPath(path)).toEqual(names);
  });

  it('looks at own properties of objects only', () => {
    const event = { content: { list: ['x'], body: 'text' } };
    expect(valueAt(event, ['content', 'body'])).toBe('text');
    expect(valueAt(event, ['content', 'list', '0'])).toBeUndefined();
    expect(valueAt(event, ['content', 'body', 'length'])).toBeUndefined();
    expect(valueAt(event, ['constructor'])).toBeUndefined();
    expect(valueAt(event, ['content', '__proto__'])).toBeUndefined();
  });
});
