import type { Writer } from '@myelin/database';
import { canonicalJson, isServerName } from '@myelin/protocol';
import type { Cancellable, Clock, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Streams } from '../streams/index.ts';
import type { DestinationSender } from './destination-sender.ts';
import { Destination, type FleetingEdu } from './destination.ts';
import type { Edu, EduSender } from './edu-sender.ts';
import type { EduStore } from './edu-store.ts';
import type { PositionedItem } from './item.ts';
import type { Pending } from './outbound-metrics.ts';
import type { OutboundStore } from './outbound-store.ts';
import { Progress, type Positions } from './progress.ts';
import { ServersBehind, wakeMs, type Backoff } from './servers-behind.ts';
import type { Outcome } from './transactions.ts';
import { Turns } from './turns.ts';

export interface FederationOutboundParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly streams: Pick<Streams, 'current'>;
  readonly store: OutboundStore;
  readonly edus: EduStore;
  readonly sender: DestinationSender;
  readonly backoff: Backoff;
  /** Whether `federation_domain_whitelist` lets us speak with a server. */
  readonly isAllowed: (serverName: string) => boolean;
  /** Finds who shares rooms with the users whose devices changed, and is in the rooms, after a position: for a start. */
  readonly concernedSince: (position: number) => Promise<Set<string>>;
  /** How long a server is left alone that answers with what makes no sense, in ms. */
  readonly oddAnswerPauseMs: number;
}

/** A server that has not taken what it was sent for so long gets a position of its own, in milliseconds. */
const slowMs = 20_000;
/** After so many internal errors in a row it is found out whether it is what we send. */
const strikesForSuspicion = 3;
const trimMs = 3_600_000;

/**
 * Sends to other servers: one transaction at a time to each, in order. What must arrive is in tables, written with its
 * cause; memory holds what goes out now. A server that fails is put to rest: it costs nothing until it may be tried
 * again, or speaks to us, and then is sent what it has missed. Server-Server API §"Transactions".
 */
export class FederationOutbound implements EduSender {
  readonly #parts: FederationOutboundParts;
  readonly #active = new Map<string, Destination>();
  /** Those behind, those of them that catch up now included. */
  readonly #behind: ServersBehind;
  readonly #progress: Progress;
  readonly #turns: Turns;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #timers: Cancellable[] = [];
  #isStarted = false;
  /** Where to begin if the database doesn't know: nothing was sent before. */
  readonly #first: number;
  /** For whom there was something before the start. */
  readonly #early = new Set<string>();

  constructor(parts: FederationOutboundParts) {
    this.#parts = parts;
    this.#first = parts.streams.current();
    this.#turns = new Turns(parts.timers);
    this.#progress = new Progress(parts.store, parts.timers, parts.log, (noted) => this.#positions(noted));
    this.#behind = new ServersBehind(parts, (name) => this.wake(name));
    parts.backoff.onReachable((destination) => this.wake(destination));
  }

  /** Begins to send, with what an earlier run has left: whoever is sent something may ask for our keys at once. */
  async start(): Promise<void> {
    const { edus, store, clock, timers, concernedSince } = this.#parts;
    const { mark, own } = await this.#progress.load(this.#first);
    for (const [name, cursor] of own) this.#behind.note(name, { cursor, notBefore: 0, strikes: 0 });
    const concerned = new Set([
      ...(await concernedSince(mark)),
      ...(await store.partedAfter(mark)),
      ...(await edus.destinations()),
    ]);
    this.#isStarted = true;
    for (const name of [...concerned, ...this.#early]) {
      if (!this.#behind.has(name) && !this.#active.has(name) && this.#isForOthers(name))
        this.#activate(new Destination(name, { cursor: mark, isSuspicious: false }));
    }
    this.#early.clear();
    this.#timers = [
      timers.every(wakeMs, () => void this.#wakeDue()),
      timers.every(trimMs, () => void edus.trim(clock.now()).catch(() => {})),
    ];
    void this.#wakeDue();
  }

  /** Resolves when nothing is under way any more, and it is noted how far everybody has come. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers) timer.cancel();
    await Promise.all(this.#running);
    if (this.#isStarted) await this.#progress.stop();
  }

  /** Something is to be sent that the tables hold. */
  offer(destinations: Iterable<string>, item: PositionedItem): void {
    const { clock, streams } = this.#parts;
    const now = clock.monotonic();
    const reached = streams.current();
    for (const name of destinations) {
      const destination = this.#find(name);
      if (!destination) continue;
      destination.offer(item, now, reached);
      this.#run(destination);
    }
    if (this.#isStarted) this.#progress.changed();
  }

  async enqueue(writer: Writer, destinations: Iterable<string>, { edu_type, content }: Edu): Promise<void> {
    const names = [...new Set(destinations)].filter((name) => this.#isForOthers(name));
    if (names.length === 0) return;
    const now = this.#parts.clock.now();
    await this.#parts.edus.add(writer, names, edu_type, canonicalJson({ edu_type, content }, 'lenient'), now);
    writer.onDurable(() => {
      for (const name of names) {
        const destination = this.#find(name);
        if (!destination) continue;
        destination.hasStoredEdus = true;
        this.#run(destination);
      }
    });
  }

  sendSoon(destinations: Iterable<string>, { edu_type, content }: Edu, replaces?: string): void {
    this.offerFleeting(
      destinations,
      { type: edu_type, text: canonicalJson({ edu_type, content }, 'lenient') },
      replaces,
    );
  }

  /** Something is to be sent that may get lost. */
  offerFleeting(destinations: Iterable<string>, edu: FleetingEdu, replaces?: string): void {
    for (const name of destinations) {
      const destination = this.#find(name);
      if (!destination) continue;
      destination.offerFleeting(edu, replaces);
      this.#run(destination);
    }
  }

  /** A server is to hear from this one, if with nothing in it. Those left alone for their failures aren't asked. */
  greet(name: string): void {
    const destination = this.#find(name);
    if (!destination) return;
    destination.isToBeGreeted = true;
    this.#run(destination);
  }

  /** A server that is behind may be there again. */
  wake(name: string): void {
    const resting = this.#behind.get(name);
    if (!resting || this.#active.has(name) || resting.notBefore > this.#parts.clock.now()) return;
    if (!this.#parts.isAllowed(name)) return;
    const isSuspicious = resting.strikes >= strikesForSuspicion;
    this.#activate(new Destination(name, { cursor: resting.cursor, isSuspicious }));
  }

  /** Whether it is known to be behind. */
  isBehind(name: string): boolean {
    return this.#behind.has(name);
  }

  /** Whether nothing is under way: for tests and simulations. */
  get isIdle(): boolean {
    return this.#turns.isIdle;
  }

  get pending(): Pending {
    let [pdus, edus] = [0, 0];
    for (const destination of this.#active.values()) {
      pdus += destination.pdus;
      edus += destination.edus;
    }
    return { destinations: this.#active.size, pdus, edus };
  }

  /** Writes down how far everybody has come. */
  flush(): Promise<void> {
    return this.#progress.flush();
  }

  #isForOthers(name: string): boolean {
    return name !== this.#parts.serverName && isServerName(name) && this.#parts.isAllowed(name);
  }

  /** undefined: it is at rest (what it misses is in the tables), or nothing may be sent to it. */
  #find(name: string): Destination | undefined {
    if (!this.#isStarted) {
      this.#early.add(name);
      return undefined;
    }
    const active = this.#active.get(name);
    if (active) return active;
    if (this.#behind.has(name) || !this.#isForOthers(name)) return undefined;
    const destination = new Destination(name);
    this.#active.set(name, destination);
    return destination;
  }

  #activate(destination: Destination): void {
    this.#active.set(destination.name, destination);
    this.#run(destination);
  }

  #run(destination: Destination): void {
    if (destination.isRunning || this.#stopping.signal.aborted) return;
    destination.isRunning = true;
    this.#turns.add(() => {
      const running = this.#drain(destination)
        .catch((err: unknown) => {
          this.#parts.log.error({ err, destination: destination.name }, 'sending to a server failed');
          this.#rest(destination, { kind: 'failed', status: undefined, isOwnFault: true });
        })
        .finally(() => {
          destination.isRunning = false;
          this.#running.delete(running);
        });
      this.#running.add(running);
      return running;
    });
  }

  async #drain(destination: Destination): Promise<void> {
    const { name } = destination;
    while (!this.#stopping.signal.aborted) {
      if (destination.cursor !== undefined && !this.#behind.has(name))
        this.#behind.note(name, { cursor: destination.cursor, notBefore: 0, strikes: 0 });
      const outcome = await this.#parts.sender.sendNext(destination, this.#stopping.signal);
      if (outcome === 'nothing') {
        if (!destination.isEmpty) continue;
        this.#active.delete(name);
        if (this.#behind.delete(name)) this.#progress.changed();
        return;
      }
      if (outcome.kind === 'taken') {
        this.#progress.changed();
        continue;
      }
      if (outcome.kind === 'failed') this.#rest(destination, outcome);
      return;
    }
  }

  /** Lets go of a server that fails; what it misses is in the tables. */
  #rest(destination: Destination, { status, isOwnFault }: Extract<Outcome, { kind: 'failed' }>): void {
    const { clock, streams, oddAnswerPauseMs } = this.#parts;
    const { name } = destination;
    this.#active.delete(name);
    const before = this.#behind.get(name);
    if (!before && destination.isLive && destination.firstPosition === undefined && !destination.hasStoredEdus) return;
    const live = Math.min((destination.firstPosition ?? Infinity) - 1, streams.current());
    const notBefore = isOwnFault ? clock.now() + oddAnswerPauseMs : 0;
    this.#behind.note(name, {
      cursor: destination.cursor ?? live,
      notBefore,
      strikes: status === 500 ? (before?.strikes ?? 0) + 1 : 0,
    });
    this.#progress.changed();
    void this.#behind.wakeWhenDue(name, notBefore, false);
  }

  #wakeDue(): Promise<void> {
    return this.#behind.wakeDue((name) => this.#active.has(name), this.#stopping.signal);
  }

  /** `noted`: the mark never goes back. */
  #positions(noted: number): Positions {
    const { clock, streams } = this.#parts;
    const slow = clock.monotonic() - slowMs;
    let mark = streams.current();
    const own = new Map<string, number>();
    for (const [name, { cursor }] of this.#behind.all()) own.set(name, cursor);
    for (const [name, destination] of this.#active) {
      const { cursor, firstPosition } = destination;
      if (cursor !== undefined) own.set(name, cursor);
      else if (firstPosition === undefined) own.delete(name);
      // The others have gone on without one that was slow, and it may have taken no more than a part of what waited.
      else if (own.has(name) || destination.waitingSince < slow || firstPosition <= noted)
        own.set(name, Math.min(firstPosition - 1, streams.current()));
      else mark = Math.min(mark, firstPosition - 1);
    }
    return { mark, own };
  }
}
