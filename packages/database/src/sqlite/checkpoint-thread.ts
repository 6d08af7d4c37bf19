import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { CheckpointAnswer, CheckpointRequest } from './threaded-checkpointer.ts';

// The thread in which pages are moved and flushed. Its connection is one more user of the file, under SQLite's rules.

let opened: DatabaseSync | undefined;

function open(): DatabaseSync {
  const database = new DatabaseSync(workerData as string, { timeout: 2000 });
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 8388608');
  return database;
}

function checkpoint(database: DatabaseSync): CheckpointAnswer {
  const state = database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
  return { complete: state?.['busy'] === 0 && state['log'] === state['checkpointed'] };
}

/**
 * The first commit after a complete checkpoint starts the log over and flushes its new header. Done here, by writing
 * an unchanged number, the flush doesn't hold up the thread that serves.
 */
function restart(database: DatabaseSync): CheckpointAnswer {
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  database.exec(`PRAGMA user_version = ${Number(version)}`);
  return { complete: true };
}

parentPort?.on('message', (request: CheckpointRequest) => {
  let answer: CheckpointAnswer;
  try {
    if (request === 'close') {
      opened?.close();
      answer = { complete: true };
    } else {
      opened ??= open();
      answer = request === 'checkpoint' ? checkpoint(opened) : restart(opened);
    }
  } catch (error) {
    answer = { complete: false, problem: error instanceof Error ? error.message : 'unknown error' };
  }
  parentPort?.postMessage(answer);
  if (request === 'close') parentPort?.close();
});
