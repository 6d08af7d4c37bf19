import type { Pdu } from '@myelin/protocol';
import { Breather, systemClock, systemTimers } from '@myelin/runtime';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../observability/log.ts';
import { EventChecker, type Examined } from './event-checker.ts';
import { FictitiousServers, OtherRoom } from '../testing/other-room.ts';

const creator = '@creator:a.test';
const count = 1_100;
const badAt = 3;
const changedAt = 700;
const strangeAt = 1_050;

describe('a long list of events of others', () => {
  const room = new OtherRoom(new FictitiousServers(), creator);
  const rules = [room.create];
  const pdus: unknown[] = Array.from({ length: count }, (_none, i) => {
    const user = `@user${i}:s${i % 20}.test`;
    const content = { membership: 'join', displayname: `${i}` };
    return room.make({ type: 'm.room.member', sender: user, stateKey: user, content, after: rules, authEvents: rules })
      .pdu;
  });
  const bad = pdus[badAt] as Pdu;
  pdus[badAt] = { ...bad, signatures: (pdus[badAt + 20] as Pdu).signatures };
  pdus[changedAt] = { ...(pdus[changedAt] as Pdu), content: { membership: 'join', displayname: 'somebody else' } };
  pdus[strangeAt] = { type: 'no event' };

  function examine(threads: boolean, list: readonly unknown[] = pdus): Promise<Examined[]> {
    const breathe = (): Breather => new Breather(systemClock, systemTimers);
    const checker = new EventChecker({ keyRing: room.servers, log: silentLog, breathe, threads });
    return checker.examine(room.version, room.roomId, list);
  }

  it('is answered in its order, each event by itself, whoever checks the signatures', async () => {
    const inPlace = await examine(false);
    expect(inPlace).toHaveLength(count);
    expect(inPlace.filter((each) => !each.ok)).toMatchObject([
      { reason: 'signature-not-verified (s3.test)' },
      { reason: expect.any(String) as string },
    ]);
    const changed = inPlace[changedAt];
    expect(changed?.ok && changed.pdu.pdu.content).toEqual({ membership: 'join' });
    const whole = inPlace[count - 1];
    expect(whole?.ok && whole.pdu.pdu.content['displayname']).toBe(`${count - 1}`);
    expect(await examine(true)).toEqual(inPlace);
  });

  it('may be empty', async () => {
    expect(await examine(true, [])).toEqual([]);
  });
});
