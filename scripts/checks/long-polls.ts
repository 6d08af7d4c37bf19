/**
 * 10,000 parallel long polls: the server holds them in under 600 MB, and one message wakes every one of them.
 * `node scripts/checks/long-polls.ts [polls]`. The polls are opened by a second process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { call, register, ServerProcess } from './server-process.ts';

const mostMegabytes = 600;
const users = 100;

async function check(polls: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'myelin-polls-'));
  const server = await ServerProcess.configure(folder);
  try {
    await server.start();
    const tokens = await Promise.all(Array.from({ length: users }, (_, i) => register(server, `user${i}`)));
    const room = (await call(server, 'POST', '/createRoom', tokens[0], { preset: 'public_chat' }))['room_id'] as string;
    for (const token of tokens.slice(1)) await call(server, 'POST', `/join/${encodeURIComponent(room)}`, token, {});
    const sinces: string[] = [];
    for (const token of tokens) sinces.push((await call(server, 'GET', '/sync', token))['next_batch'] as string);
    const pollers = spawn(process.execPath, [import.meta.filename, 'pollers', String(server.port), String(polls)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    pollers.stdin.write(`${JSON.stringify(tokens.map((token, i) => ({ token, since: sinces[i] })))}\n`);
    const lines = createInterface({ input: pollers.stdout })[Symbol.asyncIterator]();
    await lines.next();
    await waitUntilHeld(server, polls);
    const memory = server.residentMegabytes();
    await call(server, 'PUT', `/rooms/${encodeURIComponent(room)}/send/m.room.message/wake`, tokens[0], {
      msgtype: 'm.text',
      body: 'wake up',
    });
    const { value } = (await lines.next()) as { value: string };
    pollers.kill();
    console.log(`${polls} long polls held in ${memory.toFixed(0)} MB; ${value}`);
    if (memory >= mostMegabytes) throw new Error(`more than ${mostMegabytes} MB`);
    if (Number(/^(\d+) woken/.exec(value)?.[1]) !== polls) throw new Error('not all polls were woken');
  } finally {
    await server.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks the server's own figures how many syncs it holds. */
async function waitUntilHeld(server: ServerProcess, polls: number): Promise<void> {
  for (let tries = 0; tries < 1800; tries++) {
    const text = await (await fetch(`${server.url}/_synapse/metrics`)).text();
    const held = Number(
      /synapse_http_server_in_flight_requests_count\{[^}]*servlet="sync"[^}]*\} (\d+)/.exec(text)?.[1] ?? 0,
    );
    if (held >= polls) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('the server does not hold all polls after three minutes');
}

/** The other process: opens the polls, says so, waits for all answers. */
async function poll(port: number, polls: number): Promise<void> {
  const [line] = (await once(createInterface({ input: process.stdin }), 'line')) as [string];
  const sessions = JSON.parse(line) as { token: string; since: string }[];
  const agent = new Agent({ maxSockets: Infinity });
  let woken = 0;
  let failed = 0;
  const start = performance.now();
  const answers = Array.from({ length: polls }, (_, i) => {
    const session = sessions[i % sessions.length] as { token: string; since: string };
    return new Promise<void>((resolve) => {
      const headers = { authorization: `Bearer ${session.token}` };
      const path = `/_matrix/client/v3/sync?timeout=300000&since=${session.since}`;
      const outgoing = request({ agent, host: '127.0.0.1', port, path, headers }, (answer) => {
        answer.resume().on('end', () => {
          if (answer.statusCode === 200) woken++;
          else failed++;
          resolve();
        });
      });
      outgoing.on('error', () => {
        failed++;
        resolve();
      });
      outgoing.end();
    });
  });
  console.log('opened');
  await Promise.all(answers);
  console.log(`${woken} woken, ${failed} failed (${((performance.now() - start) / 1000).toFixed(1)} s in all)`);
}

if (process.argv[2] === 'pollers') await poll(Number(process.argv[3]), Number(process.argv[4]));
else await check(Number(process.argv[2] ?? 10_000));
