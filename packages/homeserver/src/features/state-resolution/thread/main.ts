// The thread in which large resolutions run. Started by ../resolution-thread.ts; ends when that ends it, or with an error
// if the database can't be opened.
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { ResolutionDesk } from './resolution-desk.ts';
import type { FromThread, ThreadStart, ToThread } from './messages.ts';

const port = parentPort as MessagePort;
const desk = await ResolutionDesk.open((workerData as ThreadStart).database);

port.on('message', (message: ToThread) => {
  if (message.kind === 'changed') return desk.forget(message.event);
  if (message.kind === 'chained') return desk.noteChained(message.added);
  const { id, job } = message;
  const failed = (error: Error): FromThread => ({ id, error });
  const post = (reply: FromThread): void => port.postMessage(reply);
  void desk
    .answer(id, job, () => post({ id, working: true }))
    .catch(failed)
    .then(post);
});
