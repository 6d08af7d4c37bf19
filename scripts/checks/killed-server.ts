/**
 * A server that is killed (SIGKILL) while four clients send: after each restart, everything that was acknowledged is there,
 * once. And one that is killed while it starts for the first time, in the middle of its migrations: the next start ends
 * what was begun. `node scripts/checks/killed-server.ts [rounds]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, register, ServerProcess } from './server-process.ts';

const senders = 4;
const rounds = Number(process.argv[2] ?? 6);

async function send(server: ServerProcess, token: string, room: string, transaction: string): Promise<string> {
  const path = `/rooms/${encodeURIComponent(room)}/send/m.room.message/${transaction}`;
  return (await call(server, 'PUT', path, token, { msgtype: 'm.text', body: transaction }))['event_id'] as string;
}

/** Every event of the room, oldest first. */
async function history(server: ServerProcess, token: string, room: string): Promise<string[]> {
  const ids: string[] = [];
  let from: string | undefined;
  do {
    const query = `dir=f&limit=500${from === undefined ? '' : `&from=${from}`}`;
    const page = await call(server, 'GET', `/rooms/${encodeURIComponent(room)}/messages?${query}`, token);
    ids.push(...(page['chunk'] as { event_id: string }[]).map((event) => event.event_id));
    from = page['end'] as string | undefined;
  } while (from !== undefined);
  return ids;
}

/** Kills servers that start for the first time at these moments, in milliseconds, and has them start again. */
async function killFirstStarts(moments: readonly number[]): Promise<void> {
  for (const moment of moments) {
    const fresh = mkdtempSync(join(tmpdir(), 'myelin-first-'));
    const starting = await ServerProcess.configure(fresh);
    try {
      const started = starting.start().catch(() => {});
      await new Promise((done) => setTimeout(done, moment));
      await starting.end('SIGKILL');
      await started;
      await starting.start();
      const token = await register(starting, 'first');
      await call(starting, 'POST', '/createRoom', token, {});
    } finally {
      await starting.end('SIGKILL');
      rmSync(fresh, { recursive: true, force: true });
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'myelin-killed-'));
const server = await ServerProcess.configure(folder);
try {
  await server.start();
  const tokens = await Promise.all(Array.from({ length: senders }, (_, i) => register(server, `sender${i}`)));
  const room = (await call(server, 'POST', '/createRoom', tokens[0], { preset: 'public_chat' }))['room_id'] as string;
  for (const token of tokens.slice(1)) await call(server, 'POST', `/join/${encodeURIComponent(room)}`, token, {});
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    let going = true;
    const sending = tokens.map(async (token, i) => {
      for (let n = 0; going; n++) {
        const transaction = `${round}-${i}-${n}`;
        try {
          acknowledged.set(transaction, await send(server, token, room, transaction));
        } catch {
          return;
        }
      }
    });
    await new Promise((done) => setTimeout(done, 150 + Math.random() * 500));
    await server.end('SIGKILL');
    going = false;
    await Promise.all(sending);
    await server.start();
    const ids = await history(server, tokens[0] as string, room);
    const there = new Set(ids);
    if (there.size !== ids.length) throw new Error('an event is in the history twice');
    for (const [transaction, id] of acknowledged)
      if (!there.has(id)) throw new Error(`${transaction} was acknowledged and is lost`);
    // The same transaction again is the same event.
    const [transaction, id] = [...acknowledged].at(-1) as [string, string];
    const again = await send(server, tokens[Number(transaction.split('-')[1])] as string, room, transaction);
    if (again !== id) throw new Error(`${transaction} made a second event`);
  }
  const moments = [200, 350, 500, 700, 900];
  await killFirstStarts(moments);
  console.log(`${moments.length} first starts killed, all came up afterwards`);
  console.log(`${rounds} kills, ${acknowledged.size} acknowledged messages, none lost, none twice`);
} finally {
  await server.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
