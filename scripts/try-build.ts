import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const command = resolve(import.meta.dirname, '../packages/cli/bin/myelin.mjs');
const patienceMs = 60_000;

/**
 * Starts the build in a folder of its own, on a port that is free, and asks for /_matrix/client/versions. When it ends,
 * Node leaves compiled code in dist/.cache. Throws with what the server said if it doesn't answer.
 */
export async function tryBuild(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'myelin-build-'));
  const config = join(folder, 'homeserver.yaml');
  const at = (name: string): string => JSON.stringify(join(folder, name));
  writeFileSync(
    config,
    `server_name: localhost
report_stats: false
listeners: [{ port: 0, type: http, bind_addresses: ['127.0.0.1'], resources: [{ names: [client, federation] }] }]
database: { name: sqlite3, args: { database: ${at('homeserver.db')} } }
media_store_path: ${at('media')}
signing_key_path: ${at('signing.key')}
`,
  );
  const child = spawn(process.execPath, [command, 'start', '--config-path', config], {
    cwd: folder,
    env: { ...process.env, MYELIN_CODE: 'build' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  try {
    const ended = new Promise<number | null>((end) => child.once('close', end));
    let said = '';
    const address = new Promise<string>((found) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const [, url] = / address {2}(http:\S+)/.exec(said) ?? [];
        if (url !== undefined) found(url);
      });
    });
    const url = await Promise.race([address, ended]);
    if (typeof url !== 'string') throw new Error(`The build doesn't start:\n${said}`);
    const answer = await fetch(`${url}/_matrix/client/versions`);
    if (!answer.ok) throw new Error(`The build answers with ${answer.status}`);
    child.kill('SIGTERM');
    const code = await ended;
    if (code !== 0) throw new Error(`The build ends with ${code}:\n${said}`);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
