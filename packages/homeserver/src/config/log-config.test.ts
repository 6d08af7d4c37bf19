import { describe, expect, it } from 'vitest';
import { memoryConfigFiles } from './config-files.ts';
import { configFromObject } from './load-config.ts';
import { levelOfLogger } from './log-config.ts';
import { testOptions } from './test-config.ts';

function logging(text: string) {
  const config = configFromObject(
    { ...testOptions, log_config: 'log.yaml' },
    { files: memoryConfigFiles({ '/srv/log.yaml': text }), cwd: '/srv' },
  );
  return { ...config.logging, notices: config.notices.filter((notice) => notice.includes('log_config')) };
}

describe('the logging configuration', () => {
  it('is the console and level info without a file', () => {
    expect(configFromObject(testOptions).logging).toEqual({
      path: undefined,
      outputs: [{ target: 'stderr', path: undefined, format: 'auto', level: 'trace', rotation: undefined }],
      levels: { root: 'info' },
    });
  });

  it('follows buffers to the file behind them, with its rotation', () => {
    const found = logging(`
version: 1
formatters: {precise: {format: '%(message)s'}}
handlers:
  file: {class: logging.handlers.TimedRotatingFileHandler, formatter: precise, filename: homeserver.log, when: midnight, backupCount: 3}
  buffer: {class: synapse.logging.handlers.PeriodicallyFlushingMemoryHandler, target: file, capacity: 10}
  console: {class: logging.StreamHandler, formatter: precise}
loggers:
  synapse.storage.SQL: {level: DEBUG}
  twisted: {handlers: [file], propagate: false}
root: {level: INFO, handlers: [buffer]}
`);
    expect(found.outputs).toEqual([
      {
        target: 'file',
        path: '/srv/homeserver.log',
        format: 'text',
        level: 'trace',
        rotation: { everyMs: 'midnight', maxBytes: undefined, keep: 3 },
      },
    ]);
    expect(found.levels).toEqual({ root: 'info', 'synapse.storage.SQL': 'debug' });
    expect(found.notices).toEqual([
      'log_config: the file /srv/log.yaml: synapse.storage.SQL: the statements of the database are not logged',
    ]);
  });

  it('knows JSON, the standard output, levels of handlers and rotation by size', () => {
    const found = logging(`
version: 1
formatters: {structured: {class: synapse.logging.TerseJsonFormatter}}
handlers:
  out: {class: logging.StreamHandler, formatter: structured, stream: ext://sys.stdout, level: 40}
  file: {class: logging.handlers.RotatingFileHandler, filename: /var/log/x.log, maxBytes: 104857600, backupCount: 10}
root: {handlers: [out, file]}
`);
    expect(found.outputs).toEqual([
      { target: 'stdout', path: undefined, format: 'json', level: 'error', rotation: undefined },
      {
        target: 'file',
        path: '/var/log/x.log',
        format: 'auto',
        level: 'trace',
        rotation: { everyMs: undefined, maxBytes: 104_857_600, keep: 10 },
      },
    ]);
    expect(found.levels).toEqual({ root: 'warn' });
  });

  it('says what has no counterpart', () => {
    const found = logging(`
version: 1
handlers:
  remote: {class: synapse.logging.RemoteHandler, host: x, port: 1}
  console: {class: logging.StreamHandler}
loggers: {synapse.http: {handlers: [console]}}
root: {level: DEBUG, handlers: [remote]}
`);
    expect(found.outputs).toEqual([
      { target: 'stderr', path: undefined, format: 'auto', level: 'warn', rotation: undefined },
    ]);
    expect(found.notices).toEqual([
      'log_config: the file /srv/log.yaml: the handlers of synapse.http are not honoured: its lines go where those of root go',
      'log_config: the file /srv/log.yaml: the handler remote (RemoteHandler) has no counterpart and is left out',
    ]);
  });

  it.each([
    ['', "log_config: the file /srv/log.yaml is empty or isn't a mapping"],
    ['a: [', /^log_config: the file \/srv\/log.yaml: line 1, column \d+: /],
    [
      'structured: true',
      'log_config: the file /srv/log.yaml: `structured` and `drains` are gone; use formatters of class synapse.logging.JsonFormatter or TerseJsonFormatter',
    ],
    ['root: {handlers: [nope]}', 'log_config: the file /srv/log.yaml: there is no handler "nope"'],
    ['root: {level: LOUD}', 'log_config: the file /srv/log.yaml: loggers.root.level: there is no level "LOUD"'],
  ])('refuses %j', (text, sentence) => expect(() => logging(text)).toThrow(sentence));

  it('is level by the longest name that covers a logger', () => {
    const levels = { root: 'warn', synapse: 'info', 'synapse.storage': 'debug' } as const;
    expect(levelOfLogger({ levels }, 'storage.SQL')).toBe('debug');
    expect(levelOfLogger({ levels }, 'http')).toBe('info');
    expect(levelOfLogger({ levels: { root: 'error' } }, 'http')).toBeUndefined();
  });
});
