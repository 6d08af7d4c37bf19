import { describe, expect, it } from 'vitest';
import { ftsExpression, parseSearch, webSearch } from './search-query.ts';

describe('a search text', () => {
  it.each([
    ['hello world', '("hello" AND "world")', '"hello" "world"'],
    ['"two words" more', '("two words" AND "more")', '"two words" "more"'],
    ['cat -dog -"big bird"', '(("cat") NOT ("dog" OR "big bird"))', '"cat" -"dog" -"big bird"'],
    ['a or b OR c', '("a") OR ("b") OR ("c")', '"a" or "b" or "c"'],
    ['or a or', '("a")', '"a"'],
    ['half "open', '("half" AND "open")', '"half" "open"'],
    ['rooms : (x) AND * ^ NEAR', '("rooms" AND "(x)" AND "AND" AND "NEAR")', '"rooms" "(x)" "AND" "NEAR"'],
    ['-only', '', ''],
    ['!? ""', '', ''],
  ])('%j', (text, fts, web) => {
    const query = parseSearch(text);
    expect([ftsExpression(query), webSearch(query)]).toEqual([fts, web]);
  });

  it('names the words to be marked', () => {
    expect(parseSearch('Hello "Big-Bird" -not').highlights).toEqual(['hello', 'big', 'bird']);
  });

  it('is bounded', () => {
    expect(parseSearch('word '.repeat(50_000)).alternatives[0]?.wanted).toHaveLength(20);
    expect(parseSearch('x'.repeat(50_000)).alternatives[0]?.wanted[0]).toHaveLength(500);
  });
});
