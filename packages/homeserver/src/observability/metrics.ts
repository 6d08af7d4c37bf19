import type { Endpoint } from '@myelin/api';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Seconds; Synapse's buckets, so that dashboards fit. */
const responseBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Figures for Prometheus, under Synapse's names where Synapse has the figure. `servlet` is the operation. Every figure has
 * the label `server_name`.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #received: Counter<'method' | 'servlet'>;
  readonly #responses: Counter<'method' | 'servlet' | 'tag'>;
  readonly #byCode: Counter<'method' | 'code'>;
  readonly #time: Histogram<'method' | 'servlet' | 'tag' | 'code'>;
  readonly #inFlight: Gauge<'method' | 'servlet'>;
  readonly #persisted: Counter;
  readonly #persistedByType: Counter<'type' | 'origin_type'>;
  readonly #registrations: Counter<'guest' | 'shadow_banned' | 'auth_provider'>;
  readonly #logins: Counter<'guest' | 'auth_provider'>;

  /** `ofProcess`: those of Node as well, for which it wakes up a hundred times a second. */
  constructor(serverName: string, version: string, ofProcess: boolean) {
    const registers = [this.registry];
    this.registry.setDefaultLabels({ server_name: serverName });
    if (ofProcess) collectDefaultMetrics({ register: this.registry });
    const labels = ['method', 'servlet'] as const;
    this.#received = new Counter({
      registers,
      name: 'synapse_http_server_requests_received_total',
      help: 'Requests received',
      labelNames: labels,
    });
    this.#responses = new Counter({
      registers,
      name: 'synapse_http_server_response_count_total',
      help: 'Requests answered',
      labelNames: [...labels, 'tag'] as const,
    });
    this.#byCode = new Counter({
      registers,
      name: 'synapse_http_server_responses_total',
      help: 'Answers by status',
      labelNames: ['method', 'code'] as const,
    });
    this.#time = new Histogram({
      registers,
      name: 'synapse_http_server_response_time_seconds',
      help: 'Time to the answer',
      labelNames: [...labels, 'tag', 'code'] as const,
      buckets: responseBuckets,
    });
    this.#inFlight = new Gauge({
      registers,
      name: 'synapse_http_server_in_flight_requests_count',
      help: 'Requests not answered yet',
      labelNames: labels,
    });
    this.#persisted = new Counter({
      registers,
      name: 'synapse_storage_events_persisted_events_total',
      help: 'Events stored',
    });
    this.#persistedByType = new Counter({
      registers,
      name: 'synapse_storage_events_persisted_events_sep_total',
      help: 'Events stored, by type',
      labelNames: ['type', 'origin_type'] as const,
    });
    this.#registrations = new Counter({
      registers,
      name: 'synapse_user_registrations_total',
      help: 'Accounts made',
      labelNames: ['guest', 'shadow_banned', 'auth_provider'] as const,
    });
    this.#logins = new Counter({
      registers,
      name: 'synapse_user_logins_total',
      help: 'Logins',
      labelNames: ['guest', 'auth_provider'] as const,
    });
    new Gauge({
      registers,
      name: 'synapse_build_info',
      help: 'The software',
      labelNames: ['version', 'pythonversion', 'osversion'] as const,
    }).set({ version, pythonversion: '', osversion: `${process.platform}-${process.arch}` }, 1);
  }

  requestStarted(endpoint: Endpoint): void {
    this.#received.inc({ method: endpoint.method, servlet: endpoint.id });
    this.#inFlight.inc({ method: endpoint.method, servlet: endpoint.id });
  }

  requestFinished(endpoint: Endpoint, status: number, milliseconds: number): void {
    const { method, id: servlet } = endpoint;
    this.#inFlight.dec({ method, servlet });
    this.#responses.inc({ method, servlet, tag: '' });
    this.#byCode.inc({ method, code: status });
    this.#time.observe({ method, servlet, tag: '', code: status }, milliseconds / 1000);
  }

  eventPersisted(type: string): void {
    this.#persisted.inc();
    // Types are names that anybody can invent: only the specification's have a figure of their own.
    this.#persistedByType.inc({
      type: type.startsWith('m.') && type.length < 64 ? type : 'other',
      origin_type: 'local',
    });
  }

  registered(guest: boolean): void {
    this.#registrations.inc({ guest: String(guest), shadow_banned: 'false', auth_provider: '' });
  }

  loggedIn(provider: string): void {
    this.#logins.inc({ guest: 'false', auth_provider: provider });
  }

  /** The same for one that takes a look into the database. */
  asyncGauge(name: string, help: string, read: () => Promise<number>): void {
    new Gauge({
      registers: [this.registry],
      name,
      help,
      async collect() {
        this.set(await read());
      },
    });
  }

  /** A figure that only grows. */
  counter<Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return new Counter({ registers: [this.registry], name, help, labelNames });
  }

  /** Times or sizes, by how many are within each bound. */
  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ registers: [this.registry], name, help, buckets: [...buckets], labelNames });
  }

  /** A figure with labels, set by whoever knows it. */
  labelledGauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ registers: [this.registry], name, help, labelNames });
  }

  /** A figure that is read when somebody asks for it. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      registers: [this.registry],
      name,
      help,
      collect() {
        this.set(read());
      },
    });
  }
}
