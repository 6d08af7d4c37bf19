import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { AlarmQueue, type Alarm } from './alarm-queue.ts';

it('gives the alarms by their time, those of one time in the order in which they were set', () => {
  // A number sets an alarm so many milliseconds ahead; undefined takes the next.
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(9), { nil: undefined }), { maxLength: 60 }), (steps) => {
      const queue = new AlarmQueue();
      const expected: Alarm[] = [];
      let now = 0;
      const take = (): void => {
        const next = expected.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
        expect(queue.takeFirst()).toBe(next);
        if (!next) return;
        expected.splice(expected.indexOf(next), 1);
        now = next.at;
      };
      for (const [order, ahead] of steps.entries()) {
        if (ahead === undefined) take();
        else {
          const alarm: Alarm = { at: now + ahead, order, task: () => {}, cancelled: false };
          queue.add(alarm);
          expected.push(alarm);
        }
      }
      while (expected.length > 0) take();
      expect(queue.takeFirst()).toBeUndefined();
    }),
  );
});
