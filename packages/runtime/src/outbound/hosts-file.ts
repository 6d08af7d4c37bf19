import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';

/** The file is looked at again after so many ms. */
const lookAgain = 10_000;

/** Where this machine has its hosts file. */
export function hostsPathOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  if (platform !== 'win32') return '/etc/hosts';
  return join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'drivers', 'etc', 'hosts');
}

/** The addresses of each name of a hosts file (hosts(5)), the names in small letters. What isn't understood is skipped. */
function readHosts(text: string): Map<string, string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split(/[\r\n]+/)) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names.map((each) => each.toLowerCase())) {
      const addresses = hosts.get(name);
      if (addresses) addresses.push(address);
      else hosts.set(name, [address]);
    }
  }
  return hosts;
}

/** What the hosts file says. It is read when it has changed, and looked at every ten seconds at most. */
export class HostsFile {
  readonly #path: string;
  readonly #clock: Clock;
  #hosts: ReadonlyMap<string, readonly string[]> = new Map();
  #version = '';
  #lookedAt = -Infinity;
  #looking: Promise<void> | undefined;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** In the order of the file; undefined if it doesn't have the name. Never throws: a file that isn't there has none. */
  async addressesOf(name: string): Promise<readonly string[] | undefined> {
    if (this.#clock.monotonic() - this.#lookedAt >= lookAgain) {
      this.#lookedAt = this.#clock.monotonic();
      this.#looking = this.#look();
    }
    await this.#looking;
    return this.#hosts.get(name.toLowerCase());
  }

  async #look(): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(this.#path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version) return;
      this.#hosts = readHosts(await readFile(this.#path, 'utf8'));
      this.#version = version;
    } catch (error) {
      // Other failures (too many open files) don't make the machine forget its names.
      if ((error as { code?: unknown }).code !== 'ENOENT') return;
      this.#hosts = new Map();
      this.#version = '';
    }
  }
}
