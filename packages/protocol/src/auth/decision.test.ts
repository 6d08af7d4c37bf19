import { expect, it } from 'vitest';
import { named } from './decision.ts';

it('shows names of outsiders without what a terminal would act on', () => {
  expect(named('@bob:two.test')).toBe('@bob:two.test');
  expect(named('a\u001b[2J\u202eb\ud800\u2028')).toBe('a\\u{1b}[2J\\u{202e}b\\u{d800}\\u{2028}');
  expect(named('é'.repeat(300))).toBe(`${'é'.repeat(80)}…`);
});
