import { describe, expect, it } from 'vitest';
import {
  historyVisibilityOf,
  isVisibleToServer,
  visibilityForClient,
  type ClientVisibility,
  type ClientVisibilityFacts,
  type HistoryVisibility,
} from './history-visibility.ts';

const stranger: ClientVisibilityFacts = {
  visibility: 'shared',
  membership: undefined,
  isOwnMembership: false,
  joinedSince: false,
  isState: false,
  senderIgnored: false,
  senderErased: false,
  isOutlier: false,
};

function sees(facts: Partial<ClientVisibilityFacts>): ClientVisibility {
  return visibilityForClient({ ...stranger, ...facts });
}

describe('history visibility', () => {
  it('is shared where it is missing or not understood', () => {
    const contents = [undefined, {}, { history_visibility: 'odd' }, { history_visibility: 5 }];
    expect(contents.map(historyVisibilityOf)).toEqual(['shared', 'shared', 'shared', 'shared']);
    expect(historyVisibilityOf({ history_visibility: 'joined' })).toBe('joined');
  });
});

describe('a user', () => {
  it.each<[HistoryVisibility, string | undefined, boolean, ClientVisibility]>([
    ['world_readable', undefined, false, 'visible'],
    ['shared', undefined, false, 'hidden'],
    ['shared', undefined, true, 'visible'],
    ['shared', 'invite', false, 'hidden'],
    ['invited', 'invite', false, 'visible'],
    ['invited', 'leave', true, 'hidden'],
    ['joined', 'invite', true, 'hidden'],
    ['joined', 'join', true, 'visible'],
    ['joined', 'ban', true, 'hidden'],
  ])('where it is %s, who is %s, in the room since: %j: %s', (visibility, membership, joinedSince, expected) => {
    expect(sees({ visibility, membership, joinedSince })).toBe(expected);
  });

  it('sees a change of visibility that either side allows', () => {
    expect(sees({ visibility: 'joined', visibilityBefore: 'world_readable' })).toBe('visible');
    expect(sees({ visibility: 'world_readable', visibilityBefore: 'joined' })).toBe('visible');
    expect(sees({ visibility: 'joined', visibilityBefore: 'invited', membership: 'invite' })).toBe('visible');
    expect(sees({ visibility: 'joined', visibilityBefore: 'invited' })).toBe('hidden');
  });

  it('sees changes of the own membership that either side allows, and leaving always', () => {
    const own = { isOwnMembership: true, isState: true, visibility: 'joined' } as const;
    expect(sees({ ...own, membership: 'join', membershipBefore: 'invite' })).toBe('visible');
    expect(sees({ ...own, membership: 'ban', membershipBefore: 'join' })).toBe('visible');
    expect(sees({ ...own, membership: 'leave', membershipBefore: 'invite' })).toBe('visible');
    expect(sees({ ...own, membership: 'leave', membershipBefore: 'ban' })).toBe('hidden');
    expect(sees({ ...own, membership: 'invite' })).toBe('hidden');
  });

  it('does not see messages of ignored users, but their state events', () => {
    expect(sees({ visibility: 'world_readable', senderIgnored: true })).toBe('hidden');
    expect(sees({ visibility: 'world_readable', senderIgnored: true, isState: true })).toBe('visible');
  });

  it('who was not there sees erased messages redacted', () => {
    expect(sees({ visibility: 'world_readable', senderErased: true })).toBe('redacted');
    expect(sees({ membership: 'join', senderErased: true })).toBe('visible');
  });

  it('sees of outliers the own membership only', () => {
    expect(sees({ visibility: 'world_readable', isOutlier: true })).toBe('hidden');
    expect(sees({ isOutlier: true, isOwnMembership: true, isState: true })).toBe('visible');
  });
});

describe('a server', () => {
  function gets(visibility: HistoryVisibility, memberships: string[], senderErased = false): boolean {
    return isVisibleToServer({ visibility, memberships: () => memberships, senderErased });
  }

  it('gets what one of its users may see', () => {
    expect(gets('shared', [])).toBe(true);
    expect(gets('invited', ['leave', 'invite'])).toBe(true);
    expect(gets('invited', ['leave'])).toBe(false);
    expect(gets('joined', ['invite'])).toBe(false);
    expect(gets('joined', ['ban', 'join'])).toBe(true);
    expect(gets('world_readable', ['join'], true)).toBe(false);
  });

  it('is not looked up where everybody may see', () => {
    const memberships = (): string[] => {
      throw new Error('asked');
    };
    expect(isVisibleToServer({ visibility: 'shared', memberships, senderErased: false })).toBe(true);
  });
});
