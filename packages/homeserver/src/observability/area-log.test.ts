import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getHealth } from '@myelin/api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LoggingConfig } from '../config/index.ts';
import { areaLog } from './area-log.ts';
import { Metrics } from './metrics.ts';
import { openLog } from './open-log.ts';
import { requestObserver } from './request-observer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'myelin-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function logging(levels: LoggingConfig['levels']): LoggingConfig {
  const output = {
    target: 'file',
    path: join(folder, 'log'),
    format: 'json',
    level: 'trace',
    rotation: undefined,
  } as const;
  return { path: undefined, outputs: [output], levels };
}

function lines(): unknown[] {
  const text = readFileSync(join(folder, 'log'), 'utf8').trim();
  return text.split('\n').map((line) => {
    const { name, msg } = JSON.parse(line) as { name?: string; msg: string };
    return [name, msg];
  });
}

it('each part of the server has the level that is set for it, or for what it is in', () => {
  const config = logging({ root: 'warn', 'synapse.handlers': 'info', 'synapse.handlers.sync': 'debug' });
  const { log } = openLog(config);
  areaLog(log, config, 'handlers.sync').debug('sync');
  areaLog(log, config, 'handlers').debug('too quiet');
  areaLog(log, config, 'handlers.presence').info('presence');
  areaLog(log, config, 'media').info('too quiet');
  areaLog(log, config, 'media').warn('media');
  log.warn('other');
  expect(lines()).toEqual([
    ['synapse.handlers.sync', 'sync'],
    ['synapse.handlers.presence', 'presence'],
    ['synapse.media', 'media'],
    [undefined, 'other'],
  ]);
});

it('the lines of requests can be left out, and the faults kept', () => {
  const config = logging({ root: 'info', 'synapse.access': 'warn' });
  const observer = requestObserver(openLog(config).log, config, new Metrics('test', '1', false));
  const info = { id: 'req-1', status: 200, milliseconds: 1, user: undefined, ip: '::1' };
  observer.finished(getHealth, info as unknown as Parameters<typeof observer.finished>[1]);
  observer.fault(getHealth, 'req-2', new Error('no'));
  expect(lines()).toEqual([['synapse.http.server', 'a request failed']]);
});
