/**
 * The floor under Myelin's figures: a bare program with the same parts and none of a homeserver's work. Each message is an
 * HTTP request to Fastify, canonical JSON, two hashes, a signature and a dozen rows of SQLite in durable group commits.
 * Prints milliseconds of the server's CPU a message; the client is a process of its own.
 */
import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, sql } from '@myelin/database';
import { canonicalJson, type JsonObject } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import Fastify from 'fastify';

const messages = 3_000;
const senders = 32;
const rowsPerMessage = 12;

async function serve(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'myelin-floor-'));
  const database = await openDatabase({ kind: 'sqlite', path: join(folder, 'floor.db') }, systemRuntime);
  await database.transact((writer) => writer.run(sql`CREATE TABLE bare (nid BIGINT PRIMARY KEY, text TEXT NOT NULL)`));
  const { privateKey } = generateKeyPairSync('ed25519');
  let next = 0;
  const server = Fastify({ logger: false });
  server.put('/send/:id', async (message) => {
    const event: JsonObject = {
      content: message.body as JsonObject,
      depth: next,
      sender: '@somebody:example.org',
      type: 'm.room.message',
    };
    const hashed: JsonObject = {
      ...event,
      hashes: { sha256: createHash('sha256').update(canonicalJson(event)).digest('base64') },
    };
    const signature = sign(null, Buffer.from(canonicalJson(hashed)), privateKey).toString('base64');
    const text = canonicalJson({ ...hashed, signatures: { here: { 'ed25519:1': signature } } });
    const id = createHash('sha256').update(text).digest('base64url');
    await database.transact(async (writer) => {
      for (let row = 0; row < rowsPerMessage; row++) {
        await writer.run(sql`INSERT INTO bare (nid, text) VALUES (${next++}, ${row === 0 ? text : id})`);
      }
    });
    return { event_id: id };
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const before = process.cpuUsage();
  const start = performance.now();
  const client = spawn(process.execPath, [import.meta.filename, 'client', String(port)], { stdio: 'inherit' });
  const [code] = (await once(client, 'exit')) as [number];
  const used = process.cpuUsage(before);
  const seconds = (performance.now() - start) / 1000;
  await server.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error('the client failed');
  const cpu = (used.user + used.system) / 1000 / messages;
  console.log(
    `bare program: ${cpu.toFixed(3)} ms of CPU a message, ${Math.round(messages / seconds)} messages/s (${senders} senders)`,
  );
}

async function send(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: senders });
  const body = JSON.stringify({ msgtype: 'm.text', body: 'The quick brown fox jumps over the lazy dog' });
  let sent = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const outgoing = request(
        { agent, host: '127.0.0.1', port, method: 'PUT', path: `/send/${sent}`, headers },
        (answer) => {
          answer.resume().on('end', resolve);
        },
      );
      outgoing.on('error', reject).end(body);
    });
  await Promise.all(
    Array.from({ length: senders }, async () => {
      while (sent < messages) {
        sent++;
        await one();
      }
    }),
  );
  agent.destroy();
}

if (process.argv[2] === 'client') await send(Number(process.argv[3]));
else await serve();
