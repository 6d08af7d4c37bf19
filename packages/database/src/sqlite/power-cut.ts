/** What a process did to the files of a database and to its output, as `strace` saw it. */
export type TracedCall =
  | { call: 'write'; file: FileName; offset: number; bytes: Uint8Array }
  | { call: 'truncate'; file: FileName; length: number }
  | { call: 'flush-begins' | 'flush-ends'; file: FileName; thread: string }
  | { call: 'removed'; file: FileName }
  | { call: 'printed'; text: string };

type FileName = 'file' | 'log';

/** Options of strace for `readTrace`. */
export const straceOptions = [
  '-f',
  '-xx',
  '-s',
  '100000',
  '-e',
  'trace=openat,close,pwrite64,write,ftruncate,fdatasync,fsync,unlink,unlinkat',
];

function decode(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

/** Reads the output of strace for a process that worked on the database at `path`. */
export function readTrace(trace: string, path: string): TracedCall[] {
  const files: Readonly<Record<string, FileName>> = { [path]: 'file', [`${path}-wal`]: 'log' };
  const open = new Map<string, FileName>();
  const unfinished = new Map<string, string>();
  const calls: TracedCall[] = [];
  for (const line of trace.split('\n')) {
    const [, thread = '', said = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (said.endsWith('<unfinished ...>')) {
      unfinished.set(thread, said.slice(0, -'<unfinished ...>'.length).trimEnd());
      const file = open.get(/^f(?:data)?sync\((\d+)/.exec(said)?.[1] ?? '');
      if (file !== undefined) calls.push({ call: 'flush-begins', file, thread });
      continue;
    }
    const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(said) ?? [];
    const text = rest === undefined ? said : (unfinished.get(thread) ?? '') + rest;
    const [, call = '', args = '', result = ''] = /^(\w+)\((.*)\)\s*= (-?\d+)/.exec(text) ?? [];
    const first = args.split(',', 1)[0] ?? '';
    const quoted = /"((?:\\x[0-9a-f]{2})*)"/.exec(args)?.[1] ?? '';
    const file = open.get(first);
    if (call === 'openat') {
      const opened = files[decode(quoted).toString()];
      if (opened === undefined) open.delete(result);
      else open.set(result, opened);
    } else if (call === 'close') {
      open.delete(first);
    } else if (call.startsWith('unlink')) {
      const removed = files[decode(quoted).toString()];
      if (removed !== undefined) calls.push({ call: 'removed', file: removed });
    } else if (call === 'write' && first === '1') {
      calls.push({ call: 'printed', text: decode(quoted).toString() });
    } else if (file !== undefined && call === 'pwrite64') {
      calls.push({ call: 'write', file, offset: Number(args.split(', ').at(-1)), bytes: decode(quoted) });
    } else if (file !== undefined && call === 'ftruncate') {
      calls.push({ call: 'truncate', file, length: Number(args.split(', ')[1]) });
    } else if (file !== undefined && call.endsWith('sync') && result === '0') {
      if (rest === undefined) calls.push({ call: 'flush-begins', file, thread });
      calls.push({ call: 'flush-ends', file, thread });
    }
  }
  return calls;
}

type Change = Extract<TracedCall, { call: 'write' | 'truncate' }>;

/** One file on a disk that keeps for sure only what was flushed. */
class FileOnDisk {
  #flushed: Buffer = Buffer.alloc(0);
  #pending: Change[] = [];
  readonly #flushes = new Map<string, number>();

  change(change: Change): void {
    this.#pending.push(change);
  }

  flushBegins(thread: string): void {
    this.#flushes.set(thread, this.#pending.length);
  }

  flushEnds(thread: string): void {
    const covered = this.#flushes.get(thread) ?? 0;
    for (const change of this.#pending.splice(0, covered)) this.#flushed = apply(this.#flushed, change);
    for (const [other, count] of this.#flushes) this.#flushes.set(other, Math.max(0, count - covered));
  }

  remove(): void {
    this.#flushed = Buffer.alloc(0);
    this.#pending = [];
  }

  /** What a power cut leaves: all that was flushed, and of the rest the blocks for which `keeps` says so. */
  afterCut(keeps: () => boolean): Buffer {
    let bytes: Buffer = Buffer.from(this.#flushed);
    for (const change of this.#pending) {
      for (const piece of blocks(change)) if (keeps()) bytes = apply(bytes, piece);
    }
    return bytes;
  }
}

const blockSize = 4096;

function* blocks(change: Change): Generator<Change> {
  if (change.call === 'truncate') return yield change;
  for (let at = 0; at < change.bytes.length;) {
    const end = Math.min(
      change.bytes.length,
      (Math.floor((change.offset + at) / blockSize) + 1) * blockSize - change.offset,
    );
    yield { ...change, offset: change.offset + at, bytes: change.bytes.subarray(at, end) };
    at = end;
  }
}

function apply(bytes: Buffer, change: Change): Buffer {
  const length =
    change.call === 'truncate' ? change.length : Math.max(bytes.length, change.offset + change.bytes.length);
  const sized =
    length <= bytes.length ? bytes.subarray(0, length) : Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]);
  if (change.call === 'write') sized.set(change.bytes, change.offset);
  return sized;
}

/** A disk on which the calls of a trace are done one after another. */
export class TracedDisk {
  readonly file = new FileOnDisk();
  readonly log = new FileOnDisk();
  /** What the process had printed. */
  printed = '';

  step(call: TracedCall): void {
    switch (call.call) {
      case 'printed':
        this.printed += call.text;
        break;
      case 'flush-begins':
        this[call.file].flushBegins(call.thread);
        break;
      case 'flush-ends':
        this[call.file].flushEnds(call.thread);
        break;
      case 'removed':
        this[call.file].remove();
        break;
      default:
        this[call.file].change(call);
    }
  }
}
