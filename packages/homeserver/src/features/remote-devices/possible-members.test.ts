import type { Database, Writer } from '@myelin/database';
import { describe, expect, it } from 'vitest';
import type { DeviceListLog } from '../encryption-keys/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import { PossibleMembers } from './possible-members.ts';
import type { SharedRooms } from './shared-rooms.ts';

describe('users who may be members', () => {
  it('are ten thousand of a server at most, besides those who are known anyhow', async () => {
    const known = new Map<string, UserNid>([['@known:evil.test', 1 as UserNid]]);
    const changed: UserNid[] = [];
    const possible = new PossibleMembers({
      database: { transact: (work: (writer: Writer) => Promise<unknown>) => work({} as Writer) } as unknown as Database,
      names: {
        findUser: async (userId: string) => known.get(userId),
        user: async (_writer: Writer, userId: string) => {
          known.set(userId, (known.size + 1) as UserNid);
          return known.size as UserNid;
        },
      } as unknown as Names,
      log: { changed: async (_writer: Writer, user: UserNid) => void changed.push(user) } as unknown as DeviceListLog,
      shared: { mayShare: async (server: string) => server !== 'outside.test' } as unknown as SharedRooms,
    });
    for (let number = 0; number < 10_100; number++) await possible.changed('evil.test', `@u${number}:evil.test`);
    expect(changed).toHaveLength(10_000);
    await possible.changed('evil.test', '@known:evil.test');
    await possible.changed('other.test', '@first:other.test');
    await possible.changed('outside.test', '@first:outside.test');
    expect(changed).toHaveLength(10_002);
  });
});
