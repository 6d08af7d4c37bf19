import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';
import { readableLine } from './log-text.ts';
import { openLog } from './open-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'myelin-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a log with a file', () => {
  it('writes what its level lets through, and goes on in a new file when it is reopened', () => {
    const path = join(folder, 'logs', 'homeserver.log');
    const { log, reopen } = openLog({
      path: undefined,
      outputs: [{ target: 'file', path, format: 'json', level: 'trace', rotation: undefined }],
      levels: { root: 'info' },
    });
    log.debug('too quiet');
    log.info({ room: '!r' }, 'first');
    renameSync(path, `${path}.moved`);
    reopen();
    log.info('second');
    expect(JSON.parse(readFileSync(`${path}.moved`, 'utf8'))).toMatchObject({ msg: 'first', room: '!r', level: 30 });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ msg: 'second' });
  });
});

describe('errors', () => {
  it('are written with the stack as it is wished for, and whatever else was thrown as it is', () => {
    const path = join(folder, 'log');
    const output = { target: 'file', path, format: 'json', level: 'trace', rotation: undefined } as const;
    const { log } = openLog({ path: undefined, outputs: [output], levels: {} }, (stack) =>
      stack.replace(/[^]*/, 'elsewhere'),
    );
    log.error({ err: new TypeError('no') }, 'failed');
    log.error({ err: 'thrown text' }, 'failed');
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).err)).toMatchObject([
      { type: 'TypeError', message: 'no', stack: 'elsewhere' },
      'thrown text',
    ]);
  });

  it('tell their causes, and nothing of what was worked on', () => {
    const path = join(folder, 'log');
    const output = { target: 'file', path, format: 'json', level: 'trace', rotation: undefined } as const;
    const { log } = openLog({ path: undefined, outputs: [output], levels: {} });
    const parsing = (): unknown => {
      try {
        return JSON.parse('{"a": secret}');
      } catch (error) {
        return error;
      }
    };
    const cause = Object.assign(new Error('no connection', { cause: parsing() }), {
      code: 'ECONNRESET',
      detail: 'Key (a)=(secret)',
    });
    log.error({ err: new Error('failed', { cause }) }, 'failed');
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain('secret');
    expect(JSON.parse(text).err).toMatchObject({
      message: 'failed',
      cause: {
        message: 'no connection',
        code: 'ECONNRESET',
        cause: { type: 'SyntaxError', stack: expect.stringContaining('at ') },
      },
    });
  });
});

describe('rotation', () => {
  const day = 86_400_000;
  const noon = Date.UTC(2026, 0, 10, 12);

  it('puts the file aside at midnight and keeps as many as it should', () => {
    const path = join(folder, 'log');
    const file = new LogFile(path, { everyMs: 'midnight', maxBytes: undefined, keep: 2 });
    for (let at = 0; at < 5; at++) {
      file.write(`day ${at}\n`, noon + at * day);
      file.write(`day ${at} again\n`, noon + at * day + 60_000);
    }
    expect(readdirSync(folder).sort()).toEqual(['log', 'log.2026-01-12', 'log.2026-01-13']);
    expect(readFileSync(`${path}.2026-01-13`, 'utf8')).toBe('day 3\nday 3 again\n');
    expect(readFileSync(path, 'utf8')).toBe('day 4\nday 4 again\n');
  });

  it('puts the file aside by size', () => {
    const path = join(folder, 'log');
    const file = new LogFile(path, { everyMs: undefined, maxBytes: 10, keep: 2 });
    for (const line of ['aaaaaaa\n', 'bbbbbbb\n', 'ccccccc\n', 'ddddddd\n']) file.write(line, noon);
    expect(readdirSync(folder).sort()).toEqual(['log', 'log.1', 'log.2']);
    expect(['log', 'log.1', 'log.2'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
      'ddddddd\n',
      'ccccccc\n',
      'bbbbbbb\n',
    ]);
  });
});

describe('a readable line', () => {
  it('holds time, level, request, sentence and facts', () => {
    const json = JSON.stringify({
      level: 30,
      time: 0,
      pid: 1,
      hostname: 'h',
      request: 'req-1',
      status: 200,
      user: '@a:b',
      msg: 'done',
    });
    expect(readableLine(json)).toBe('1970-01-01T00:00:00.000Z INFO  [req-1] done status=200 user=@a:b\n');
  });

  it('lets nobody forge a line', () => {
    const forged = readableLine(JSON.stringify({ level: 40, time: 0, msg: 'a\nb', agent: 'x\n2026 INFO fake' }));
    expect(forged).toBe('1970-01-01T00:00:00.000Z WARN  a b agent="x\\n2026 INFO fake"\n');
  });
});
