import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';

const command = resolve(import.meta.dirname, '../packages/cli/bin/myelin.mjs');
const patienceMs = 60_000;

/**
 * Starts the build in a folder of its own, on a port that is free, and asks for what needs its parts: versions, an
 * account (passwords), a thumbnail (the process for pictures). When it ends, Node leaves compiled code in dist/.cache.
 * Throws with what the server said if it doesn't answer.
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
enable_registration: true
enable_registration_without_verification: true
bcrypt_rounds: 4
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
    await useServer(url);
    child.kill('SIGTERM');
    const code = await ended;
    if (code !== 0) throw new Error(`The build ends with ${code}:\n${said}`);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function useServer(url: string): Promise<void> {
  await ask(`${url}/_matrix/client/versions`);
  const account = { username: 'user', password: 'of the build', auth: { type: 'm.login.dummy' } };
  const { access_token: token } = (await (
    await ask(`${url}/_matrix/client/v3/register`, { method: 'POST', body: JSON.stringify(account) })
  ).json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'image/png' };
  const { content_uri: uri } = (await (
    await ask(`${url}/_matrix/media/v3/upload`, { method: 'POST', headers, body: picture(64) })
  ).json()) as { content_uri: string };
  await ask(`${url}/_matrix/client/v1/media/thumbnail/${uri.slice('mxc://'.length)}?width=32&height=32&method=scale`, {
    headers,
  });
}

async function ask(url: string, request: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, request);
  if (!answer.ok) throw new Error(`The build answers ${url} with ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** A black PNG of so many pixels in both directions. */
function picture(size: number): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = 8;
  const pixels = deflateSync(Buffer.alloc(size * (size + 1)));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
