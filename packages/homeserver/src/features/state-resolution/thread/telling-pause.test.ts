import { ManualTime } from '@myelin/runtime/testing';
import { expect, it, vi } from 'vitest';
import { tellingPause } from './telling-pause.ts';

it('a resolution that makes its pauses tells each second that it is at work, and nothing while it does not', async () => {
  const time = new ManualTime();
  const onWork = vi.fn();
  const pause = tellingPause({ clock: time, timers: time }, onWork);
  expect(pause()).toBeUndefined();
  for (let i = 0; i < 350; i++) {
    time.advance(10);
    await pause();
  }
  expect(onWork).toHaveBeenCalledTimes(3);
  time.advance(60_000);
  expect(onWork).toHaveBeenCalledTimes(3);
});
