import type { Json, TestClient } from '@myelin/testkit';

/** What a server may say to a request that it doesn't like; everything else is a fault. */
export const refusals: readonly number[] = [400, 401, 403, 404, 405, 409, 413, 429];
export const harmless: readonly number[] = [200, ...refusals];

/** Reads a room in every way that there is; the test client checks each answer. Resolves to the initial sync. */
export async function readEverything(
  client: TestClient,
  roomId: string,
  eventIds: readonly string[] = [],
): Promise<Json> {
  const params = { roomId };
  const lenient = { expect: harmless };
  const answer = await client.sync();
  await client.sync({
    filter: { room: { state: { lazy_load_members: true }, timeline: { limit: 3 }, include_leave: true } },
  });
  await client.sync({ full_state: true, use_state_after: true });
  for (const dir of ['b', 'f']) await client.call('getRoomEvents', { params, query: { dir, limit: 1_000 } }, lenient);
  for (const operation of [
    'getRoomState',
    'getMembersByRoom',
    'getJoinedMembersByRoom',
    'getLocalAliases',
    'getThreadRoots@client-server',
  ]) {
    await client.call(operation, { params }, lenient);
  }
  for (const eventId of eventIds) {
    const one = { ...params, eventId };
    for (const operation of ['getOneRoomEvent', 'getEventContext', 'getRelatingEvents'])
      await client.call(operation, { params: one }, lenient);
  }
  await client.call('getJoinedRooms');
  await client.call('queryPublicRooms', { body: { filter: { generic_search_term: 'x' } } }, lenient);
  await client.call('getNotifications', {}, lenient);
  return answer;
}
