import { MatrixError } from '@myelin/api';

const forOneEvent = { events: 20_000, states: 15, asksMakers: true };

/** What one event from another server may make us fetch. */
export class FetchBudget {
  #events: number;
  #states: number;

  /** Ends what is under way. */
  readonly signal: AbortSignal | undefined;
  /** Whether this server wants it for itself, whatever an event of another one needs. */
  readonly isOwn: boolean;
  /** Whether the state at an event that is missing is asked of who made that event first: others may lie about it. */
  readonly asksMakers: boolean;

  constructor(limits: { events: number; states: number; asksMakers?: boolean; isOwn?: boolean }, signal?: AbortSignal) {
    this.signal = signal;
    this.isOwn = limits.isOwn === true;
    this.asksMakers = limits.asksMakers === true;
    this.#events = limits.events;
    this.#states = limits.states;
  }

  /** For one event, and for what lies before it. */
  static ofEvent(): FetchBudget {
    return new FetchBudget(forOneEvent);
  }

  /** On whose account is kept what a server tells. */
  tellerOf(server: string): string | undefined {
    return this.isOwn ? undefined : server;
  }

  /** Throws M_LIMIT_EXCEEDED. */
  takeEvents(count: number): void {
    this.#events -= count;
    if (this.#events < 0) throw exhausted();
  }

  takeState(): void {
    this.#states--;
    if (this.#states < 0) throw exhausted();
  }
}

function exhausted(): MatrixError {
  return new MatrixError('M_LIMIT_EXCEEDED', 'The event needs more that is missing here than may be fetched for it');
}
