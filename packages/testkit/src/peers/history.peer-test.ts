import { beforeAll, expect, test } from 'vitest';
import type { Json } from '../client/http-client.ts';
import { commonVersions, describePeers } from './describe-peers.ts';
import type { PeerUser } from './peer-user.ts';
import { otherSide, sides, type Side } from './peers.ts';
import { untilSameState } from './same-state.ts';
import { until } from './until.ts';

describePeers('history', (peers) => {
  const users = {} as Record<Side, PeerUser>;
  beforeAll(async () => {
    for (const side of sides) users[side] = await peers().register(side, side.toLowerCase());
  });

  for (const side of sides) {
    for (const version of commonVersions) {
      test(`${side} hosts, version ${version}: the guest reads back to the room's creation, finds what was said when, and redactions hold`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const roomId = await host.client.createRoom({ preset: 'public_chat', room_version: version });
        const texts = Array.from({ length: 12 }, (_none, index) => `text ${index}`);
        const sent: string[] = [];
        for (const text of texts) sent.push(await host.client.sendText(roomId, text));
        await guest.join(roomId, [host.serverName]);
        await host.seesMember(roomId, guest, 'join');
        await untilSameState(roomId, host, guest);
        // Before the guest's server has anything of it.
        const { origin_server_ts: ts } = await eventAt(host, roomId, sent[3]!);
        const { event_id: nearest } = await byTime(guest, roomId, ts);
        expect(nearest).toBe((await byTime(host, roomId, ts)).event_id);
        expect((await eventAt(guest, roomId, nearest)).content.body).toMatch(/^text [0-3]$/);
        const [atGuest, atHost] = [await guest.history(roomId), await host.history(roomId)];
        expect(idsOf(atGuest)).toEqual(idsOf(atHost));
        expect(atGuest.at(-1)?.type).toBe('m.room.create');
        expect(atGuest.map(({ content }) => content.body).filter(Boolean)).toEqual([...texts].reverse());

        const guests = await guest.client.sendText(roomId, 'said by the guest');
        await host.sees(roomId, guests);
        await untilRedacted(host, guest, roomId, guests);
        await untilRedacted(host, guest, roomId, sent[3]!);
        const own = await guest.client.sendText(roomId, 'taken back by the guest');
        await host.sees(roomId, own);
        await untilRedacted(guest, host, roomId, own);
        // The power of moderators is needed for what others have said; before version 3 the rules refuse the event itself.
        const foreign = { params: { roomId, eventId: sent[5]!, txnId: guest.client.nextTransaction() }, body: {} };
        await guest.client.call('redactEvent', foreign, { expect: 'M_FORBIDDEN' });
        expect(await bodyAt(host, roomId, sent[5]!)).toBe('text 5');

        await guest.client.leaveRoom(roomId);
        await host.sees(roomId, ({ content, sender }) => sender === guest.userId && content.membership === 'leave');
        const meanwhile = [await host.client.sendText(roomId, 'one'), await host.client.sendText(roomId, 'two')];
        await guest.join(roomId, [host.serverName]);
        const history = await until('what was said meanwhile', async () => {
          const ids = idsOf(await guest.history(roomId));
          return meanwhile.every((eventId) => ids.includes(eventId)) && ids;
        });
        expect(history).toContain(sent[0]);
      });

      test(`${side} hosts, version ${version}: history for members only isn't told to those who come later`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const content = { history_visibility: 'joined' };
        const roomId = await host.client.createRoom({
          preset: 'public_chat',
          room_version: version,
          initial_state: [{ type: 'm.room.history_visibility', state_key: '', content }],
        });
        const secret = await host.client.sendText(roomId, 'secret');
        await guest.join(roomId, [host.serverName]);
        await host.seesMember(roomId, guest, 'join');
        const open = await host.client.sendText(roomId, 'open');
        await guest.sees(roomId, open);
        const seen = idsOf(await guest.history(roomId));
        expect(seen).toContain(open);
        expect(seen).not.toContain(secret);
        const params = { roomId, eventId: secret };
        await guest.client.call('getOneRoomEvent', { params }, { expect: [403, 404] });
      });

      test(`${side} hosts, version ${version}: upgraded, and both go over`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const old = await host.client.createRoom({ preset: 'public_chat', room_version: version, name: 'Moving' });
        await guest.join(old, [host.serverName]);
        await host.seesMember(old, guest, 'join');
        const next = String((Number(version) % 12) + 1);
        const upgraded: Json = await host.client.call('upgradeRoom', {
          params: { roomId: old },
          body: { new_version: next },
        });
        const tombstone = await guest.sees(old, ({ type }) => type === 'm.room.tombstone');
        expect(tombstone.content.replacement_room).toBe(upgraded.replacement_room);
        await guest.join(upgraded.replacement_room, [host.serverName]);
        const state = await guest.state(upgraded.replacement_room);
        const create = state.get('m.room.create|').content;
        expect(create).toMatchObject({ room_version: next, predecessor: { room_id: old } });
        expect(state.get('m.room.name|').content).toEqual({ name: 'Moving' });
        await guest.client.sendText(upgraded.replacement_room, 'here too');
        await host.seesText(upgraded.replacement_room, 'here too');
        await untilSameState(upgraded.replacement_room, host, guest);
        await untilSameState(old, host, guest);
      });
    }
  }

  test.each(sides)('%s hosts: history since an invite is told to who was invited, and nothing before', async (side) => {
    const [host, guest] = [users[side], users[otherSide(side)]];
    const content = { history_visibility: 'invited' };
    const roomId = await host.client.createRoom({
      preset: 'private_chat',
      initial_state: [{ type: 'm.room.history_visibility', state_key: '', content }],
    });
    const before = await host.client.sendText(roomId, 'before');
    await host.client.invite(roomId, guest.userId);
    const between = await host.client.sendText(roomId, 'between');
    await guest.isIn('invite', roomId);
    await guest.join(roomId);
    await host.seesMember(roomId, guest, 'join');
    const seen = await until('what was said since the invite', async () => {
      const ids = idsOf(await guest.history(roomId));
      return ids.includes(between) && ids;
    });
    expect(seen).not.toContain(before);
    const params = { roomId, eventId: before };
    await guest.client.call('getOneRoomEvent', { params }, { expect: [403, 404] });
  });

  async function untilRedacted(by: PeerUser, other: PeerUser, roomId: string, eventId: string): Promise<void> {
    const redaction = await by.redact(roomId, eventId);
    await other.sees(roomId, redaction);
    expect(await bodyAt(by, roomId, eventId)).toBeUndefined();
    expect(await bodyAt(other, roomId, eventId)).toBeUndefined();
  }
});

function idsOf(events: readonly Json[]): string[] {
  return events.map(({ event_id: eventId }) => eventId);
}

async function bodyAt(user: PeerUser, roomId: string, eventId: string): Promise<string | undefined> {
  return (await eventAt(user, roomId, eventId)).content.body;
}

async function eventAt(user: PeerUser, roomId: string, eventId: string): Promise<Json> {
  return user.client.call('getOneRoomEvent', { params: { roomId, eventId } });
}

/** The first event since then. */
async function byTime(user: PeerUser, roomId: string, ts: number): Promise<Json> {
  return user.client.call('getEventByTimestamp', { params: { roomId }, query: { ts, dir: 'f' } });
}
