/**
 * A disk that fills up, and one that can't be written: nothing acknowledged is lost, the server goes on when there is room
 * again, and a start that can't be says why. Needs root, for small file systems in memory; else it says so and does nothing.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, register, ServerProcess } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'myelin-disk-'));

function mount(...args: string[]): boolean {
  try {
    execFileSync('mount', args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

if (!mount('-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder)) {
  console.log('skipped: file systems can be mounted by root only');
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}
const server = await ServerProcess.configure(folder);
try {
  await server.start();
  const token = await register(server, 'writer');
  const room = (await call(server, 'POST', '/createRoom', token, { preset: 'private_chat' }))['room_id'] as string;
  const path = (n: number): string => `/rooms/${encodeURIComponent(room)}/send/m.room.message/t${n}`;
  const acknowledged: string[] = [];
  const body = { msgtype: 'm.text', body: 'x'.repeat(30_000) };
  await call(server, 'PUT', path(0), token, body);
  const free = statfsSync(folder);
  writeFileSync(join(folder, 'ballast'), Buffer.alloc(Math.max(0, free.bavail * free.bsize - 3_000_000)));
  let refused = 0;
  for (let n = 1; n < 400 && refused < 5; n++) {
    try {
      acknowledged.push((await call(server, 'PUT', path(n), token, body))['event_id'] as string);
    } catch {
      refused++;
    }
  }
  if (refused === 0) throw new Error('the disk never was full');
  if (!(await server.answers())) throw new Error('the server died of the full disk');
  rmSync(join(folder, 'ballast'));
  acknowledged.push((await call(server, 'PUT', path(1_000), token, body))['event_id'] as string);
  await server.end('SIGKILL');
  await server.start();
  for (const id of acknowledged)
    await call(server, 'GET', `/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(id)}`, token);
  await server.end('SIGTERM');
  console.log(
    `full disk: ${acknowledged.length} acknowledged messages are there, the server went on when there was room`,
  );

  if (!mount('-o', 'remount,ro', folder)) throw new Error('the file system could not be made read-only');
  const code = await server.startInVain();
  if (code === 0) throw new Error('a start on a read-only disk ended without an error');
  const line = server.output.trim().split('\n').at(-1) ?? '';
  if (/\n\s+at /.test(server.output) || !line.includes('read-only'))
    throw new Error(`no clear line says what is wrong:\n${server.output}`);
  console.log(`read-only disk: exit ${code}, ${line}`);
} finally {
  await server.end('SIGTERM');
  execFileSync('umount', ['-l', folder]);
  rmSync(folder, { recursive: true, force: true });
}
