import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finished, runCli, startCli } from '../testing/run-cli.ts';

let folder: string;
let pidFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'myelin-run-'));
  pidFile = join(folder, 'data/homeserver.pid');
});
afterEach(async () => {
  if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts in the foreground and waits for the greeting. */
async function foreground(args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = startCli(folder, args, env);
  let greeting = '';
  const ended = finished(child);
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      greeting += chunk.toString();
      if (/ data {5}.*\n/.test(greeting)) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended: ${greeting}`)));
  });
  return { child, ended, greeting: () => greeting };
}

describe('a server', () => {
  it('is made, runs once, is stopped, and runs in the background', async () => {
    const port = await freePort();
    const env = { MYELIN_SERVER_NAME: `127.0.0.1:${port + 400}` };
    if (port + 400 > 65_535) return;
    const running = await foreground(['start'], env);

    // The first start.
    expect(running.greeting()).toContain(`http://127.0.0.1:${port}`);
    expect(running.greeting()).toContain(join(folder, 'data/homeserver.db'));
    await expect.poll(running.greeting).toContain('myelin register_new_matrix_user -c data/homeserver.yaml --admin\n');
    expect((await fetch(`http://127.0.0.1:${port}/_matrix/nothing`)).status).toBe(404);
    expect(Number(readFileSync(pidFile, 'utf8'))).toBe(running.child.pid);

    expect(await runCli(folder, ['start'])).toMatchObject({
      code: 4,
      err: `myelin: it is running already, as process ${running.child.pid}\n`,
    });
    running.child.kill('SIGHUP');
    expect(await runCli(folder, ['stop'])).toMatchObject({ code: 0, out: 'stopped\n' });
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(existsSync(pidFile)).toBe(false);
    expect(await runCli(folder, ['stop'])).toMatchObject({ code: 5, err: 'myelin: it is not running\n' });

    // In the background, after a crash that has left its pid file behind.
    writeFileSync(pidFile, '999999999\n');
    const started = await runCli(folder, ['start', '-D']);
    expect(started.code).toBe(0);
    const first = Number(readFileSync(pidFile, 'utf8'));
    expect(started.out).toBe(`started, process ${first}\n`);
    expect((await fetch(`http://127.0.0.1:${port}/_matrix/nothing`)).status).toBe(404);

    expect((await runCli(folder, ['restart', '-D'])).code).toBe(0);
    expect(Number(readFileSync(pidFile, 'utf8'))).not.toBe(first);
    expect((await runCli(folder, ['stop'])).code).toBe(0);

    // Another name in the configuration than in the database.
    const path = join(folder, 'data/homeserver.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/server_name: .*\n/, 'server_name: other.org\n'));
    for (const args of [['start'], ['start', '-D']]) {
      const refused = await runCli(folder, args);
      expect(refused).toMatchObject({ code: 1, out: '' });
      expect(refused.err.split('\n').at(-2)).toMatch(/^myelin: .*other\.org/);
    }
    expect(existsSync(pidFile)).toBe(false);
  }, 120_000);
});
