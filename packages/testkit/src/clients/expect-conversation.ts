import { expect } from 'vitest';
import type { runConversation } from './conversation.ts';

/** Checks that both read each other, encrypted, that all devices are signed by their owners, and that the backup was restored. */
export function expectConversation(facts: Awaited<ReturnType<typeof runConversation>>): void {
  expect(facts).toMatchObject({
    bobRead: 'Hello Bob',
    aliceRead: 'Hello Alice',
    wireTypes: ['m.room.encrypted', 'm.room.encrypted'],
    aliceDeviceSignedByOwner: true,
    bobDeviceSignedByOwner: true,
    newDeviceSignedByOwner: true,
  });
  expect(facts.emoji[0]).not.toBe('');
  expect(facts.emoji[1]).toBe(facts.emoji[0]);
  expect(facts.restored).toBe(facts.backedUp);
}
