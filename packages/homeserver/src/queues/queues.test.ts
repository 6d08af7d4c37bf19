import { expect, test } from 'vitest';
import { KeyedSlots, Slots } from './index.ts';

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
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  };
  const endOne = async (): Promise<void> => {
    await settle();
    running.shift()?.();
    await settle();
  };
  return { task, settle, endOne, running, most: () => most };
}

test('few tasks run at a time, the others in order', async () => {
  const slots = new Slots({ atOnce: 2, mostWaiting: 3 });
  const held = heldTasks();
  const order: number[] = [];
  const all = Promise.all(Array.from({ length: 5 }, (_, i) => slots.run(held.task).then(() => order.push(i))));
  expect([slots.isFull, slots.size, slots.waiting]).toEqual([true, 5, 3]);
  for (let i = 0; i < 5; i++) await held.endOne();
  await all;
  expect(held.most()).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  expect([slots.isFull, slots.size]).toEqual([false, 0]);
});

test('who finds no room to wait is refused, until there is some', async () => {
  const slots = new Slots({ atOnce: 1, mostWaiting: 1, refusal: () => new Error('come again') });
  const held = heldTasks();
  const taken = [slots.run(held.task), slots.run(held.task)];
  await expect(slots.run(held.task)).rejects.toThrow('come again');
  await held.endOne();
  taken.push(slots.run(held.task));
  for (let i = 0; i < 2; i++) await held.endOne();
  expect(await Promise.all(taken)).toHaveLength(3);
});

test('a task that fails makes room for the next', async () => {
  const slots = new Slots({ atOnce: 1 });
  const failing = slots.run(async () => {
    throw new Error('on purpose');
  });
  const next = slots.run(async () => 'done');
  await expect(failing).rejects.toThrow('on purpose');
  expect(await next).toBe('done');
});

test('a place that is given back twice is free once', async () => {
  const slots = new Slots({ atOnce: 1 });
  const release = await slots.take();
  release();
  release();
  const held = heldTasks();
  const both = [slots.run(held.task), slots.run(held.task)];
  for (let i = 0; i < 2; i++) await held.endOne();
  await Promise.all(both);
  expect(held.most()).toBe(1);
});

test('tasks of one key wait for each other, those of others do not', async () => {
  const slots = new KeyedSlots({ atOnce: 1, mostWaiting: 2 });
  const [a, b] = [heldTasks(), heldTasks()];
  const ofA = [slots.run('a', a.task), slots.run('a', a.task), slots.run('a', a.task)];
  await expect(slots.run('a', a.task)).rejects.toThrow('Too many tasks wait');
  const ofB = slots.run('b', b.task);
  await a.settle();
  expect([a.running.length, b.running.length]).toEqual([1, 1]);
  await b.endOne();
  await ofB;
  for (let i = 0; i < 3; i++) await a.endOne();
  await Promise.all(ofA);
  expect(a.most()).toBe(1);
});

test('a failed task of a key lets the next go', async () => {
  const slots = new KeyedSlots({ atOnce: 1 });
  const failing = slots.run('a', () => Promise.reject(new Error('on purpose')));
  const next = slots.run('a', async () => 'done');
  await expect(failing).rejects.toThrow('on purpose');
  expect(await next).toBe('done');
});
