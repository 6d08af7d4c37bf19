import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LogRotation } from '../config/index.ts';

/**
 * A log file that is put aside by time or size, as Python's TimedRotatingFileHandler and RotatingFileHandler name what
 * they put aside: `file.2026-01-31` or `file.1`, `file.2` … The time is that of the lines.
 */
export class LogFile {
  readonly #path: string;
  readonly #rotation: LogRotation | undefined;
  #descriptor: number;
  #size: number;
  /** Start of the present period in milliseconds; undefined until the first line. */
  #periodStart: number | undefined;

  constructor(path: string, rotation: LogRotation | undefined) {
    this.#path = path;
    this.#rotation = rotation;
    mkdirSync(dirname(path), { recursive: true });
    const existing = statSync(path, { throwIfNoEntry: false });
    this.#size = existing?.size ?? 0;
    this.#periodStart = existing && existing.size > 0 ? this.#startOfPeriod(existing.mtimeMs) : undefined;
    this.#descriptor = openSync(path, 'a');
  }

  write(line: string, timeMs: number): void {
    try {
      if (this.#rotation !== undefined) this.#rotate(this.#rotation, timeMs, Buffer.byteLength(line));
      // Into the page cache: nothing is lost when the process ends, and it takes microseconds.
      this.#size += writeSync(this.#descriptor, line);
    } catch {
      // A full disk, or a folder that may not be written any more, must not end the server; the line is lost.
    }
  }

  /** Goes on in a new file of the same name: an outside program has moved the old one away. */
  reopen(): void {
    const descriptor = openSync(this.#path, 'a');
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#size = statSync(this.#path).size;
  }

  #rotate(rotation: LogRotation, timeMs: number, bytes: number): void {
    if (rotation.maxBytes !== undefined) {
      if (this.#size > 0 && this.#size + bytes > rotation.maxBytes) this.#putAsideByNumber(rotation.keep);
      return;
    }
    const start = this.#startOfPeriod(timeMs);
    this.#periodStart ??= start;
    if (start <= this.#periodStart) return;
    const suffix = rotation.everyMs === 'midnight' ? localDay(this.#periodStart) : localMinute(this.#periodStart);
    this.#periodStart = start;
    this.#putAside(`${this.#path}.${suffix}`);
    this.#removeOldest(rotation.keep);
  }

  #startOfPeriod(timeMs: number): number {
    const every = this.#rotation?.everyMs;
    if (every === undefined) return 0;
    return every === 'midnight' ? new Date(timeMs).setHours(0, 0, 0, 0) : Math.floor(timeMs / every) * every;
  }

  #putAsideByNumber(keep: number): void {
    for (let number = keep - 1; number >= 1; number--)
      tryRename(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
    this.#putAside(`${this.#path}.1`);
  }

  #putAside(to: string): void {
    tryRename(this.#path, to);
    this.reopen();
  }

  #removeOldest(keep: number): void {
    if (keep === 0) return;
    const start = `${basename(this.#path)}.`;
    const folder = dirname(this.#path);
    const old = readdirSync(folder).filter(
      (name) => name.startsWith(start) && /^\d{4}-\d\d-\d\d/.test(name.slice(start.length)),
    );
    for (const name of old.sort().slice(0, -keep)) rmSync(join(folder, name), { force: true });
  }
}

function tryRename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // There is nothing to put aside.
  }
}

function localDay(timeMs: number): string {
  const date = new Date(timeMs);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}

function localMinute(timeMs: number): string {
  const date = new Date(timeMs);
  return `${localDay(timeMs)}_${[date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join('-')}`;
}
