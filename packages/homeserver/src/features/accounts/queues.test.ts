import { expect, test } from 'vitest';
import { KeyedQueue } from './keyed-queue.ts';
import { WorkQueue } from './work-queue.ts';

/** Tasks that end when they are told to. */
function heldTasks() {
  const running: (() => void)[] = [];
  let most = 0;
  const task = async (): Promise<number> => {
    await new Promise<void>((resolve) => {
      running.push(resolve);
      most = Math.max(most, running.length);
    });
    return running.length;
  };
  const endOne = async (): Promise<void> => {
    running.shift()?.();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  return { task, endOne, running, most: () => most };
}

test('few tasks run at a time, the others in order', async () => {
  const queue = new WorkQueue(2, 3);
  const held = heldTasks();
  const order: number[] = [];
  const all = Promise.all(Array.from({ length: 5 }, (_, i) => queue.run(held.task).then(() => order.push(i))));
  expect(queue.isFull).toBe(true);
  for (let i = 0; i < 5; i++) await held.endOne();
  await all;
  expect(held.most()).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  expect(queue.isFull).toBe(false);
});

test('a task that fails makes room for the next', async () => {
  const queue = new WorkQueue(1, 1);
  const failing = queue.run(async () => {
    throw new Error('on purpose');
  });
  const next = queue.run(async () => 'done');
  await expect(failing).rejects.toThrow('on purpose');
  expect(await next).toBe('done');
});

test('tasks of one key wait for each other, those of others do not', async () => {
  const queue = new KeyedQueue(3);
  const [a, b] = [heldTasks(), heldTasks()];
  const ofA = [queue.run('a', a.task), queue.run('a', a.task), queue.run('a', a.task)];
  const ofB = queue.run('b', b.task);
  expect(queue.isFull('a')).toBe(true);
  expect(queue.isFull('b')).toBe(false);
  await Promise.resolve();
  expect([a.running.length, b.running.length]).toEqual([1, 1]);
  await b.endOne();
  await ofB;
  for (let i = 0; i < 3; i++) await a.endOne();
  await Promise.all(ofA);
  expect(a.most()).toBe(1);
  expect(queue.isFull('a')).toBe(false);
});

test('a failed task of a key lets the next go', async () => {
  const queue = new KeyedQueue(3);
  const failing = queue.run('a', () => Promise.reject(new Error('on purpose')));
  const next = queue.run('a', async () => 'done');
  await expect(failing).rejects.toThrow('on purpose');
  expect(await next).toBe('done');
});
