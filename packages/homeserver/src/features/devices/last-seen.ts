import type { Database } from '@myelin/database';
import type { Cancellable, Timers } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import type { DeviceNid } from '../names/index.ts';
import type { Devices, Sighting } from './devices.ts';

/** How often one device's sighting is written, and how often those that gathered are, in milliseconds. */
const deviceInterval = 120_000;
const flushInterval = 5_000;
const longestUserAgent = 512;
const batch = 500;
const mostPending = 100_000;

/** Notes when and where devices were seen. Gathered in memory: what a crash loses the next request tells again. */
export class LastSeen {
  readonly #database: Database;
  readonly #devices: Devices;
  readonly #written = boundedCache<DeviceNid, { at: number; ip: string }>(50_000);
  readonly #pending = new Map<DeviceNid, Sighting>();
  readonly #timers: Timers;
  /** While something waits to be written. */
  #flusher: Cancellable | undefined;
  #flushing: Promise<void> | undefined;
  #isStopped = false;

  constructor(database: Database, devices: Devices, timers: Timers) {
    this.#database = database;
    this.#devices = devices;
    this.#timers = timers;
  }

  /** `at` in milliseconds since 1970. */
  note(device: DeviceNid, at: number, ip: string, userAgent: string): void {
    const last = this.#written.get(device);
    if (last && last.ip === ip && at - last.at < deviceInterval) return;
    if (this.#pending.size >= mostPending) return;
    this.#written.set(device, { at, ip });
    this.#pending.set(device, { at, ip, userAgent: userAgent.slice(0, longestUserAgent) });
    this.#planFlush();
  }

  /** What isn't written yet of a device. */
  pending(device: DeviceNid): Sighting | undefined {
    return this.#pending.get(device);
  }

  /** Writes what has gathered. */
  async flush(): Promise<void> {
    if (this.#flushing) return this.#flushing;
    this.#flushing = this.#write().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#flusher?.cancel();
    await this.flush();
  }

  #planFlush(): void {
    if (this.#isStopped) return;
    this.#flusher ??= this.#timers.after(flushInterval, () => {
      this.#flusher = undefined;
      void this.flush()
        .catch(() => {})
        .finally(() => {
          // What the database didn't take is tried again.
          if (this.#pending.size > 0) this.#planFlush();
        });
    });
  }

  async #write(): Promise<void> {
    while (this.#pending.size > 0) {
      const some = [...this.#pending].slice(0, batch);
      await this.#database.transact(async (writer) => {
        for (const [device, sighting] of some) await this.#devices.seen(writer, device, sighting);
      });
      for (const [device, sighting] of some) if (this.#pending.get(device) === sighting) this.#pending.delete(device);
    }
  }
}
