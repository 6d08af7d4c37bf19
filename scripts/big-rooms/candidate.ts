import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export type Kind = 'synapse' | 'myelin';

/** CPU seconds since its start, of its first thread too, and memory in MB: now, and the most since it was started or `resetPeak`. */
export interface Figures {
  readonly cpu: number;
  readonly loop: number;
  readonly rss: number;
  readonly peak: number;
}

const ticksPerSecond = 100;
const startPatience = 60_000;
const requestPatience = 3_600_000;

/** A homeserver under measurement, a process with one configuration for both kinds. */
export class Candidate {
  readonly kind: Kind;
  readonly folder: string;
  readonly port: number;
  readonly serverName: string;
  #process: ChildProcess | undefined;
  #token = '';

  private constructor(kind: Kind, folder: string, port: number) {
    this.kind = kind;
    this.folder = folder;
    this.port = port;
    this.serverName = `127.0.0.1:${port}`;
  }

  static async create(kind: Kind, folder: string, notary: string): Promise<Candidate> {
    const candidate = new Candidate(kind, folder, await freePort());
    writeFileSync(
      join(folder, 'signing.key'),
      `ed25519 a_1 ${Buffer.alloc(32, kind).toString('base64').replace('=', '')}\n`,
    );
    writeFileSync(join(folder, 'log.yaml'), logging);
    writeFileSync(join(folder, 'homeserver.yaml'), candidate.#config(notary));
    return candidate;
  }

  async start(): Promise<void> {
    const config = join(this.folder, 'homeserver.yaml');
    const [command, ...args] =
      this.kind === 'synapse'
        ? [process.env['SYNAPSE_PYTHON'] as string, '-m', 'synapse.app.homeserver', '-c', config]
        : [...(process.env['MYELIN'] ?? defaultMyelin).split(' '), 'start', '--config-path', config];
    this.#process = spawn(command as string, args, { stdio: ['ignore', 'inherit', 'inherit'], cwd: this.folder });
    const until = Date.now() + startPatience;
    for (;;) {
      const answer = await fetch(`${this.#base}/versions`).catch(() => undefined);
      if (answer?.ok) return;
      if (Date.now() > until || this.#process.exitCode !== null) throw new Error(`${this.kind} does not start`);
      await sleep(100);
    }
  }

  /** Ends it as an operator does, so that everything is in its files. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    await ended;
  }

  async register(user: string): Promise<void> {
    const body = { username: user, password: 'a password for the benchmark', auth: { type: 'm.login.dummy' } };
    const answer = await this.call('POST', '/register', body);
    this.#token = answer['access_token'] as string;
  }

  /** A request of the registered user; throws on anything but a 200. */
  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.#fetch(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${this.kind} ${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** Asks again and again until the answer is a 200. */
  async until(path: string, patience: number, every = 250): Promise<void> {
    const end = Date.now() + patience;
    for (;;) {
      const answer = await this.#fetch('GET', path);
      await answer.text();
      if (answer.ok) return;
      if (Date.now() > end) throw new Error(`${this.kind} GET ${path}: ${answer.status} after ${patience} ms`);
      await sleep(every);
    }
  }

  figures(): Figures {
    const { pid } = this.#process as ChildProcess;
    const pids = [pid as number, ...childrenOf(pid as number)];
    let [cpu, rss, peak] = [0, 0, 0];
    for (const each of pids) {
      cpu += cpuOf(`/proc/${each}/stat`);
      const status = readFileSync(`/proc/${each}/status`, 'utf8');
      rss += Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]) / 1024;
      peak += Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1024;
    }
    return { cpu, loop: cpuOf(`/proc/${pid}/task/${pid}/stat`), rss, peak };
  }

  /** From here on the peak is counted anew. */
  resetPeak(): void {
    writeFileSync(`/proc/${(this.#process as ChildProcess).pid}/clear_refs`, '5');
  }

  /** All files of its database, in bytes. */
  databaseBytes(): number {
    const files = readdirSync(this.folder).filter((file) => file.startsWith('homeserver.db'));
    return files.reduce((sum, file) => sum + statSync(join(this.folder, file)).size, 0);
  }

  get #base(): string {
    return `http://127.0.0.1:${this.port}/_matrix/client`;
  }

  #fetch(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = {
      ...(this.#token !== '' && { authorization: `Bearer ${this.#token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    return fetch(`${this.#base}/v3${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(requestPatience),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  #config(notary: string): string {
    return `
server_name: "${this.serverName}"
pid_file: ${this.folder}/homeserver.pid
signing_key_path: ${this.folder}/signing.key
media_store_path: ${this.folder}/media
log_config: ${this.folder}/log.yaml
report_stats: false
macaroon_secret_key: bench
form_secret: bench
enable_registration: true
enable_registration_without_verification: true
bcrypt_rounds: 4
trusted_key_servers: [{server_name: "${notary}", accept_keys_insecurely: true}]
suppress_key_server_warning: true
federation_ip_range_blacklist: []
ip_range_blacklist: []
federation_verify_certificates: false
url_preview_enabled: false
listeners:
  - {port: ${this.port}, type: http, tls: false, bind_addresses: ['127.0.0.1'], resources: [{names: [client, federation]}]}
rc_joins: {local: {per_second: 1000, burst_count: 1000}, remote: {per_second: 1000, burst_count: 1000}}
rc_federation: {window_size: 1000, sleep_limit: 100000, sleep_delay: 1, reject_limit: 100000, concurrent: 100}
database:
  name: sqlite3
  args: {database: "${this.folder}/homeserver.db"}
`;
  }
}

const defaultMyelin = `${process.execPath} ${join(import.meta.dirname, '../../packages/cli/bin/myelin.mjs')}`;

const logging = `
version: 1
formatters: {plain: {format: '%(asctime)s %(name)s %(levelname)s %(message)s'}}
handlers: {out: {class: logging.StreamHandler, formatter: plain}}
root: {level: ERROR, handlers: [out]}
disable_existing_loggers: false
`;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a process, or a thread, has used so far, in seconds. */
function cpuOf(file: string): number {
  const stat = readFileSync(file, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(stat[11]) + Number(stat[12])) / ticksPerSecond;
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
