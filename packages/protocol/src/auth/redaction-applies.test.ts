import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json/value.ts';
import { RoomBuilder, RoomLine } from '../testing/room-builder.ts';
import { authStateOf } from './auth-state.ts';
import { PowerLevels } from './power-levels.ts';
import { redactionApplies } from './redaction-applies.ts';

const alice = '@alice:one.test';

function applies(
  version: string,
  sender: string,
  changes: { rejected?: boolean; otherTarget?: boolean; type?: string } = {},
): boolean {
  const line = new RoomLine(new RoomBuilder(version, alice));
  line.member(alice, 'join');
  const users: JsonObject = version === '12' ? {} : { [alice]: 50 };
  line.add({ type: 'm.room.power_levels', sender: alice, stateKey: '', content: { users } });
  const target = line.add({ type: changes.type ?? 'm.room.message', sender: '@bob:two.test' });
  const redacts = changes.otherTarget ? '$other' : target.eventId;
  const redaction = line.add({ type: 'm.room.redaction', sender, redacts, content: { redacts } });
  const levels = PowerLevels.ofState(authStateOf(line.room.eventsOf(line.state)), line.room.version);
  const rejected = changes.rejected ?? false;
  return redactionApplies(redaction, { ...target, rejected }, levels, line.room.version);
}

describe('whether a redaction takes effect', () => {
  it.each(['3', '10', '11', '12'])('needs the redact level or the same server, version %s', (version) => {
    expect(applies(version, alice)).toBe(true);
    expect(applies(version, '@bob:two.test')).toBe(true);
    expect(applies(version, '@carol:two.test')).toBe(true);
    expect(applies(version, '@dave:three.test')).toBe(false);
  });

  it('was decided by the authorization rules in versions 1 and 2', () => {
    expect(applies('2', '@dave:three.test')).toBe(true);
  });

  it('needs a target that it names and that was accepted', () => {
    expect(applies('11', alice, { otherTarget: true })).toBe(false);
    expect(applies('11', alice, { rejected: true })).toBe(false);
  });

  it.each(['2', '10', '11', '12'])('never takes away what a room was made with, version %s', (version) => {
    expect(applies(version, alice, { type: 'm.room.create' })).toBe(false);
    expect(applies(version, alice, { type: 'm.room.server_acl' })).toBe(true);
  });
});
