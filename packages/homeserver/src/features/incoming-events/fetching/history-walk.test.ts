import { roomVersion, type RoomVersion } from '@myelin/protocol';
import { describe, expect, it } from 'vitest';
import { historyOf, type HistorySource } from './history-walk.ts';
import type { CheckedPdu } from '../incoming-events.ts';

const version = roomVersion('11') as RoomVersion;

function event(eventId: string, ...before: string[]): CheckedPdu {
  return { eventId, pdu: { prev_events: before } as never, json: '' };
}

/** $1 follows $0, and so on; what is asked for comes with at most `limit` events before it. */
class Line implements HistorySource {
  readonly asked: (readonly string[])[] = [];
  readonly here = new Set<string>();
  answer = (ids: readonly string[], limit: number): CheckedPdu[] => {
    const last = Math.max(...ids.map((id) => Number(id.slice(1)) || 0));
    return numbers(Math.max(0, last - limit + 1), last).map((n) => event(`$${n}`, ...(n > 0 ? [`$${n - 1}`] : [])));
  };

  async known(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(ids.filter((id) => this.here.has(id)));
  }

  async before(ids: readonly string[], limit: number): Promise<readonly CheckedPdu[]> {
    this.asked.push(ids);
    if (this.asked.length > 1_000) throw new Error('it asks without end');
    return this.answer(ids, limit);
  }
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function ids(first: number, last: number): Set<string> {
  return new Set(numbers(first, last).map((n) => `$${n}`));
}

describe('wanted events in the history', () => {
  it('come in hundreds, until all are there', async () => {
    const line = new Line();
    const found = await historyOf('$999', ids(20, 990), version, line);
    expect(new Set(found.map((each) => each.eventId))).toEqual(ids(20, 990));
    expect(line.asked).toHaveLength(10);
  });

  it('may come in any order, in part, twice, and with others', async () => {
    const line = new Line();
    const whole = line.answer;
    line.answer = (asked) => {
      const some = whole(asked, 30).toReversed();
      return [...some, ...some, event('$other', '$nobody', ...asked)];
    };
    const found = await historyOf('$299', ids(0, 290), version, line);
    expect(new Set(found.map((each) => each.eventId))).toEqual(ids(0, 290));
  });

  it('are looked for as long as the answers bring some', async () => {
    const line = new Line();
    const found = await historyOf('$999', new Set([...ids(900, 950), ...ids(100, 150)]), version, line);
    expect(new Set(found.map((each) => each.eventId))).toEqual(ids(900, 950));
    expect(line.asked).toHaveLength(2);
  });

  it('are not looked for behind what is here', async () => {
    const line = new Line();
    line.here.add('$899');
    await historyOf('$999', ids(0, 990), version, line);
    expect(line.asked).toHaveLength(1);
  });

  it('make the question no longer than so many ends, nor asked without end', async () => {
    const line = new Line();
    let made = 0;
    // Each event names many that nobody knows, and some that are wanted come with every answer.
    line.answer = () =>
      numbers(1, 100).map((n) => event(n > 50 ? `$${made++}` : `$x${made}-${n}`, ...ids(made * 100, made * 100 + 20)));
    await historyOf('$start', ids(0, 2_000), version, line);
    expect(line.asked.length).toBeLessThan(200);
    expect(Math.max(...line.asked.map((asked) => asked.length))).toBeLessThanOrEqual(20);
  });

  it('may not be told', async () => {
    const line = new Line();
    line.answer = () => [];
    expect(await historyOf('$999', ids(0, 990), version, line)).toEqual([]);
    expect(line.asked).toHaveLength(1);
  });
});
