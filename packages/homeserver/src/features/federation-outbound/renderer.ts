import type { Events } from '../events/index.ts';
import type { DeviceUpdates } from './device-updates.ts';
import {
  largestTransaction,
  mostEdus,
  mostPdus,
  type PositionedItem,
  type RenderedItem,
  type StoredEdu,
} from './item.ts';
import type { FleetingEdu } from './destination.ts';

/** What fits into one transaction. */
export interface Rendered {
  readonly items: RenderedItem[];
  /** The positioned items that are in it, or of which there is nothing left to say. */
  readonly positioned: readonly PositionedItem[];
}

/** Puts into words what goes into a transaction, within its bounds. */
export class Renderer {
  readonly #events: Pick<Events, 'getMany'>;
  readonly #devices: DeviceUpdates;

  constructor(events: Pick<Events, 'getMany'>, devices: DeviceUpdates) {
    this.#events = events;
    this.#devices = devices;
  }

  /** As many of the items as a transaction takes, in order; then as many of the stored EDUs. */
  async render(positioned: readonly PositionedItem[], stored: readonly StoredEdu[]): Promise<Rendered> {
    const items: RenderedItem[] = [];
    const nids = positioned.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
    const events = await this.#events.getMany(nids.slice(0, mostPdus));
    let [pdus, edus, size, done] = [0, 0, 0, 0];
    const add = (item: RenderedItem): boolean => {
      if (items.length > 0 && size + item.text.length > largestTransaction) return false;
      if (item.kind === 'pdu' ? ++pdus > mostPdus : ++edus > mostEdus) return false;
      size += item.text.length;
      items.push(item);
      return true;
    };
    for (const item of positioned) {
      let rendered: RenderedItem | undefined;
      if (item.kind === 'event') {
        if (pdus === mostPdus) break;
        const event = events.get(item.event);
        rendered = event && { kind: 'pdu', name: event.eventId, text: event.fields.json };
      } else rendered = await this.#devices.render(item);
      if (rendered && !add(rendered)) break;
      done++;
    }
    for (const { id, type, text } of stored) {
      if (done < positioned.length || !add({ kind: 'edu', name: type, text, storedId: id })) break;
    }
    return { items, positioned: positioned.slice(0, done) };
  }

  /** Adds what there is room for. */
  addFleeting(items: RenderedItem[], edus: readonly FleetingEdu[]): void {
    for (const { type, text } of edus) items.push({ kind: 'edu', name: type, text });
  }
}
