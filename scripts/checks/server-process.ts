import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const command = join(root, 'packages', 'cli', 'bin', 'myelin.mjs');
const sharedSecret = 'of the checks';

/** A real server in a process of its own, started by the command that people use. */
export class ServerProcess {
  readonly folder: string;
  readonly port: number;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  /** Writes a configuration into `folder`: SQLite there, open registration, no limits, cheap password hashes. */
  static async configure(folder: string): Promise<ServerProcess> {
    const port = await freePort();
    mkdirSync(folder, { recursive: true });
    const limit = '{per_second: 100000, burst_count: 100000}';
    writeFileSync(
      join(folder, 'homeserver.yaml'),
      `server_name: "checks"
report_stats: false
listeners: [{port: ${port}, type: http, bind_addresses: ["127.0.0.1"], resources: [{names: [client, federation, metrics]}]}]
database: {name: sqlite3, args: {database: "${folder}/homeserver.db"}}
media_store_path: "${folder}/media"
signing_key: "ed25519 a_checks AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
macaroon_secret_key: "checks"
form_secret: "checks"
registration_shared_secret: "${sharedSecret}"
enable_registration: true
enable_registration_without_verification: true
enable_metrics: true
# Users who come would wake each other, and these checks count who is woken by a message.
presence: {enabled: false}
bcrypt_rounds: 4
pid_file: "${folder}/myelin.pid"
rc_message: ${limit}
rc_registration: ${limit}
rc_login: {address: ${limit}, account: ${limit}, failed_attempts: ${limit}}
rc_joins: {local: ${limit}, remote: ${limit}}
rc_joins_per_room: ${limit}
rc_room_creation: ${limit}
`,
    );
    return new ServerProcess(folder, port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the server has printed. */
  get output(): string {
    return this.#output;
  }

  /** Resolves when the server answers; throws if it ends before. */
  async start(seconds = 30): Promise<void> {
    const child = this.#spawn();
    const deadline = Date.now() + seconds * 1000;
    while (Date.now() < deadline) {
      const ended = child.exitCode ?? child.signalCode;
      if (ended !== null) throw new Error(`the server ended with ${ended}:\n${this.#output}`);
      if (await this.answers()) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the server didn't answer within ${seconds} s:\n${this.#output}`);
  }

  /** Starts a server that must not come up; resolves to its exit code. */
  async startInVain(seconds = 30): Promise<number> {
    const child = this.#spawn();
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(timer);
    if (code === null) throw new Error(`the server came up, or didn't end:\n${this.#output}`);
    return code;
  }

  async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/_matrix/client/versions`)).ok;
    } catch {
      return false;
    }
  }

  /** SIGKILL and SIGTERM alike; resolves when the process is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** Resident memory in megabytes. */
  residentMegabytes(): number {
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
  }

  #spawn(): ChildProcess {
    this.#output = '';
    const child = spawn(process.execPath, [command, 'start', '--config-path', join(this.folder, 'homeserver.yaml')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
    return child;
  }
}

/** A call of the client API; throws unless the answer is a 2xx. */
export async function call(
  server: ServerProcess,
  method: string,
  path: string,
  token: string | undefined,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${server.url}/_matrix/client/v3${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const parsed = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(parsed)}`);
  return parsed;
}

export async function register(server: ServerProcess, username: string): Promise<string> {
  const body = { username, password: `secret of ${username}`, auth: { type: 'm.login.dummy' } };
  return (await call(server, 'POST', '/register', undefined, body))['access_token'] as string;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
