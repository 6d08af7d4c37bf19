import { federation } from '@myelin/api';
import { ListCutter, maxEventBytes, parseJson, type JsonValue } from '@myelin/protocol';
import {
  FederationError,
  type CallInput,
  type CallOptions,
  type FederationClient,
} from '../../federation-client/index.ts';
import type { ResolutionScope } from '../../state-resolution/index.ts';
import type { EventChecker, FormOfPdu } from '../checking/event-checker.ts';
import type { CheckedPdu } from '../incoming-events.ts';
import type { Outliers } from './outliers.ts';
import { pack } from './packed-pdu.ts';

export interface StateReaderParts {
  readonly client: Pick<FederationClient, 'stream'>;
  readonly checker: EventChecker;
  readonly outliers: Outliers;
}

type Target = CallInput<typeof federation.getRoomState>;

/** In bytes, as an event may be written with escapes for all that isn't ASCII; longer items aren't looked at. */
const longestItem = 8 * maxEventBytes;
/** So many events are checked in one go. */
const batch = 64;
/** So many goes are checked at once: while other threads check signatures, the next events are read. */
const mostChecked = 3;
/** So many goes are under way, those included that wait to be stored: these are kept as texts only. */
const mostUnderWay = 16;

/** Takes in the state of large rooms as it comes: only what is under way is in memory in its parsed form. */
export class StateReader {
  readonly #parts: StateReaderParts;

  constructor(parts: StateReaderParts) {
    this.#parts = parts;
  }

  /**
   * Asks a server for the events of a state and its auth chains, and stores those that are good as outliers. Throws
   * FederationError; what came before is stored then. `teller`: the server on whose account they are kept.
   */
  async store(
    origin: string,
    scope: ResolutionScope,
    target: Target,
    options: CallOptions,
    teller?: string,
  ): Promise<void> {
    const { client, outliers } = this.#parts;
    const answer = await client.stream(origin, federation.getRoomState, target, options);
    const stream = outliers.open(scope, teller);
    const items: JsonValue[] = [];
    const checks: Promise<unknown>[] = [];
    const underWay: Promise<void>[] = [];
    // Events are stored in the order in which they came.
    let last: Promise<void> = Promise.resolve();
    const take = (count: number): void => {
      const before = last;
      const checked = this.#check(scope, drained(items.splice(0, count)));
      last = (async () => {
        const good = await checked;
        await before;
        await stream.add(good);
      })();
      // Whoever waits for it is told.
      last.catch(() => {});
      checks.push(checked);
      underWay.push(last);
    };
    const cutter = new ListCutter(['pdus', 'auth_chain'], (_list, item) => {
      const parsed = item.length > longestItem ? undefined : parseJson(item);
      items.push(parsed?.ok ? parsed.value : null);
    });
    try {
      if (answer.status > 299) throw badAnswer(origin);
      for await (const piece of answer.body) {
        if (!cutter.push(piece)) throw badAnswer(origin);
        while (items.length >= batch) {
          take(batch);
          if (checks.length >= mostChecked) await checks.shift();
          if (underWay.length >= mostUnderWay) await underWay.shift();
        }
      }
      if (!cutter.isWhole) throw badAnswer(origin);
      take(batch);
    } finally {
      await last;
      await stream.end();
    }
  }

  #check(scope: ResolutionScope, items: Iterable<JsonValue>): Promise<CheckedPdu[]> {
    const form: FormOfPdu = (pdu) => pack(scope, pdu);
    return this.#parts.checker.check(scope.version, scope.roomId, items, undefined, form);
  }
}

/** The items of a list, none of which is kept once it has been taken: what lives long is dear to collect. */
function* drained(items: JsonValue[]): Generator<JsonValue> {
  items.reverse();
  while (items.length > 0) yield items.pop() as JsonValue;
}

function badAnswer(server: string): FederationError {
  return new FederationError('bad-answer', server, `${server} tells a state in another form`);
}
