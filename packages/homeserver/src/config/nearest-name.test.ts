import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

describe('the nearest name', () => {
  const names = ['enable_registration', 'enable_search', 'presence', 'pid_file'];

  it.each([
    ['enable_registraton', 'enable_registration'],
    ['enabel_search', 'enable_search'],
    ['presense', 'presence'],
    ['pidfile', 'pid_file'],
    ['something_else_entirely', undefined],
  ])('%s: %s', (name, nearest) => expect(nearestName(name, names)).toBe(nearest));

  it('counts a swap of neighbours once', () => {
    expect(editDistance('abcd', 'abdc', 10)).toBe(1);
    expect(editDistance('abcd', 'xxxxxxxxxxxxxxx', 3)).toBe(3);
  });
});
