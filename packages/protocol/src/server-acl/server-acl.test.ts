import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/value.ts';
import { compileServerAcl, isServerAllowed } from './server-acl.ts';

function allowed(content: JsonObject, serverName: string): boolean {
  return isServerAllowed(compileServerAcl(content), serverName);
}

describe('a server ACL', () => {
  it('is not there: everybody is allowed', () => {
    expect(isServerAllowed(undefined, 'evil.test')).toBe(true);
  });

  it.each<[JsonObject, string, boolean]>([
    [{ allow: ['*'] }, 'one.test', true],
    [{}, 'one.test', false],
    [{ allow: '*' }, 'one.test', false],
    [{ allow: ['*'], deny: ['evil.test'] }, 'evil.test', false],
    [{ allow: ['*'], deny: ['evil.test'] }, 'EVIL.test:8448', false],
    [{ allow: ['*'], deny: ['*.evil.test'] }, 'evil.test', true],
    [{ allow: ['*'], deny: ['*.evil.test'] }, 'a.b.Evil.test', false],
    [{ allow: ['*'], deny: ['*evil.test'] }, 'notevil.test', false],
    [{ allow: ['*'], deny: ['ev?l.*'] }, 'evil.org', false],
    [{ allow: ['one.test', 5, null] }, 'one.test', true],
    [{ allow: ['*'], allow_ip_literals: false }, '1.2.3.4', false],
    [{ allow: ['*'], allow_ip_literals: false }, '1.2.3.4:8448', false],
    [{ allow: ['*'], allow_ip_literals: false }, '[::1]:8448', false],
    [{ allow: ['*'], allow_ip_literals: false }, '1.2.3.4.test', true],
    [{ allow: ['*'], allow_ip_literals: 'false' }, '1.2.3.4', true],
    [{ allow: ['[::1]'] }, '[::1]', true],
  ])('%j for %s: %j', (content, serverName, expected) => {
    expect(allowed(content, serverName)).toBe(expected);
  });

  const host = `${'a'.repeat(200)}b.test`;
  it.each([
    ['100,000 patterns', 100_000, (i: number) => `*a*a*a*b*${i}`],
    [
      'as many short runs with ? as an event can hold',
      1400,
      (i: number) => `${'*a?'.repeat(10 + (i % 40))}*b${'?'.repeat(10 + Math.floor(i / 40))}t*`,
    ],
    [
      'as many long runs with ? as an event can hold',
      500,
      (i: number) => `*${'a?'.repeat(20 + (i % 50))}b${'?'.repeat(10 + Math.floor(i / 50))}t*`,
    ],
  ])('answers at once: %s', (_, count, pattern) => {
    const acl = compileServerAcl({ allow: ['*'], deny: Array.from({ length: count }, (__, i) => pattern(i)) });
    const before = process.cpuUsage();
    expect(isServerAllowed(acl, host)).toBe(true);
    const used = process.cpuUsage(before);
    expect((used.user + used.system) / 1000).toBeLessThan(1000);
  });
});
