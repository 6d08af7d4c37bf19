import { roomVersion, type JsonObject, type Pdu, type RoomVersion } from '@myelin/protocol';
import { describe, expect, it } from 'vitest';
import { plainRefusal } from './plain-rules.ts';

const [admin, friend, guest] = ['@admin:a.test', '@friend:b.test', '@guest:c.test'];
const version = roomVersion('10') as RoomVersion;

function pdu(type: string, sender: string, content: JsonObject, stateKey?: string): Pdu {
  return {
    type,
    sender,
    content,
    prev_events: ['$x'],
    ...(stateKey !== undefined && { state_key: stateKey }),
  } as unknown as Pdu;
}

const member = (sender: string, target: string, membership: string): Pdu =>
  pdu('m.room.member', sender, { membership }, target);

const levels = { users: { [admin]: 100, [friend]: 50 }, ban: 50, kick: 50 };

/** What the rules say in a room where the admin and a friend are; `others` besides or instead. */
function refusal(event: Pdu, ...others: Pdu[]): string | undefined {
  const room = [
    pdu('m.room.create', admin, {}, ''),
    member(admin, admin, 'join'),
    member(friend, friend, 'join'),
    pdu('m.room.power_levels', admin, levels, ''),
    pdu('m.room.join_rules', admin, { join_rule: 'public' }, ''),
    ...others,
  ];
  const find = (type: string, key: string) => room.findLast((each) => each.type === type && each.state_key === key);
  return plainRefusal(event, find, version);
}

describe('the rules as the simulator writes them', () => {
  it('let members do what their level gives', () => {
    expect(refusal(pdu('m.room.message', friend, {}))).toBeUndefined();
    expect(refusal(pdu('m.room.topic', friend, {}, ''))).toBeUndefined();
    expect(refusal(member(guest, guest, 'join'))).toBeUndefined();
    expect(refusal(member(friend, guest, 'ban'))).toBeUndefined();
    expect(refusal(member(friend, friend, 'leave'))).toBeUndefined();
    expect(refusal(member(friend, guest, 'leave'), member(friend, guest, 'ban'))).toBeUndefined();
    const less = { ...levels, users: { ...levels.users, [friend]: 0 } };
    expect(refusal(pdu('m.room.power_levels', admin, less, ''))).toBeUndefined();
    expect(refusal(pdu('m.room.power_levels', friend, { ...less, kick: 10 }, ''))).toBeUndefined();
  });

  it('refuse what nobody may do, or not this one', () => {
    const [isIn, isBanned] = [member(guest, guest, 'join'), member(admin, guest, 'ban')];
    const shut = pdu('m.room.join_rules', admin, { join_rule: 'invite' }, '');
    const more = (change: object): Pdu => pdu('m.room.power_levels', friend, { ...levels, ...change }, '');
    const refused: [Pdu, ...Pdu[]][] = [
      [pdu('m.room.message', guest, {})],
      [pdu('m.room.topic', guest, {}, ''), isIn],
      [pdu('org.example', friend, {}, admin)],
      [member(guest, guest, 'join'), isBanned],
      [member(guest, guest, 'join'), shut],
      [member(friend, guest, 'join')],
      [member(guest, friend, 'ban'), isIn],
      [member(friend, admin, 'ban')],
      [member(friend, admin, 'leave')],
      [member(guest, guest, 'leave')],
      [member(friend, guest, 'invite'), isBanned],
      [member(guest, guest, 'knock')],
      [more({ users: { ...levels.users, [guest]: 60 } })],
      [more({ users: { ...levels.users, [admin]: 0 } })],
      [more({ users: { [admin]: 100, [friend]: 50 }, ban: 60 })],
      [more({ ban: '50' })],
    ];
    for (const [event, ...others] of refused) expect(refusal(event, ...others), JSON.stringify(event)).toBeDefined();
  });
});
