import { describe, expect, it } from 'vitest';
import { PresenceRecord } from './presence-record.ts';

const times = { lastActiveGranularityMs: 60_000, syncOnlineTimeoutMs: 30_000, idleTimeoutMs: 300_000 };

describe('the presence of a user', () => {
  it('follows the syncs of a device, with a delay at the end', () => {
    const record = new PresenceRecord(times);
    let now = 1_000_000;
    const end = record.beginSync(1, 'online', () => now);
    expect(record.update(now)).toBe(true);
    expect(record.shown).toEqual({ state: 'online', statusMsg: undefined, currentlyActive: true });
    expect(record.update(now)).toBe(false);
    now += 61_000;
    expect(record.update(now)).toBe(true);
    expect(record.shown).toMatchObject({ state: 'online', currentlyActive: false });
    end();
    end();
    now += 29_000;
    expect(record.update(now)).toBe(false);
    now += 2_000;
    expect(record.update(now)).toBe(true);
    expect(record.shown.state).toBe('offline');
    expect(record.isSettled).toBe(true);
  });

  it('is that of the device that is most there', () => {
    const record = new PresenceRecord(times);
    record.beginSync(1, 'unavailable', () => 0);
    record.update(0);
    expect(record.shown.state).toBe('unavailable');
    record.beginSync(2, 'online', () => 0);
    record.set(1, 'offline', 0);
    record.update(0);
    expect(record.shown.state).toBe('online');
    record.set(2, 'unavailable', 0);
    record.update(0);
    expect(record.shown.state).toBe('unavailable');
  });

  it('falls idle without action, and is there again with it', () => {
    const record = new PresenceRecord(times);
    record.beginSync(1, 'online', () => 0);
    record.update(0);
    record.update(300_001);
    expect(record.shown.state).toBe('unavailable');
    record.active(1, 300_002);
    record.update(300_002);
    expect(record.shown).toMatchObject({ state: 'online', currentlyActive: true });
  });

  it('does not come online by action alone', () => {
    const record = new PresenceRecord(times);
    record.active(1, 5);
    expect(record.update(5)).toBe(false);
    expect(record.lastActive).toBe(5);
  });

  it('comes back after a restart for the time that clients need', () => {
    const record = new PresenceRecord(times);
    record.restore('online', 0);
    record.recall({ statusMsg: 'here', lastActive: -5 });
    record.update(0);
    expect(record.shown).toEqual({ state: 'online', statusMsg: 'here', currentlyActive: true });
    record.update(30_001);
    expect(record.shown.state).toBe('offline');
  });

  it('does not take back what was said for what was stored', () => {
    const record = new PresenceRecord(times);
    record.isRecalled = true;
    record.statusMsg = 'new';
    record.recall({ statusMsg: 'old', lastActive: 3 });
    expect([record.statusMsg, record.lastActive]).toEqual(['new', 3]);
  });

  it('is followed on some devices only', () => {
    const record = new PresenceRecord(times);
    for (let device = 1; device <= 50; device++) record.set(device, 'unavailable', 0);
    record.set(51, 'online', 0);
    record.update(0);
    expect(record.shown.state).toBe('unavailable');
  });
});
