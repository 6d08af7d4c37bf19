import type { Assembly } from '@myelin/homeserver';
import { checkEventAuth, prevEventIds } from '@myelin/protocol';

type Core = Assembly['core'];
type Projection = Parameters<Core['timeline']['addProjection']>[0];
type Written = Parameters<Projection['apply']>;
type Event = Written[1];
type Context = Written[2];
type Root = Context['head']['state'];

/**
 * Looks on while a server gives events of others their places: what the room's current state was against at that moment must be
 * hidden from its users. Server-Server API §"Soft failure". It lives longer than the server, which may be killed.
 */
export class PlacementWatch {
  /** By event id: why a server that had this current state should have hidden the event. */
  readonly #wronglyShown = new Map<string, string>();
  readonly #entries = new Set<string>();
  /** Transactions in which a room's state was found to be another: what it hid comes back in them, judged by its own place. */
  readonly #restating = new WeakSet<Written[0]>();
  /** By room id: the current states that the server has had. */
  readonly #states = new Map<string, Set<Root>>();

  /** `before`: of the same server, in an earlier run that this one goes on from. */
  constructor(before?: PlacementWatch) {
    if (!before) return;
    for (const eventId of before.#entries) this.#entries.add(eventId);
    for (const [roomId, states] of before.#states) this.#states.set(roomId, new Set(states));
  }

  attach(core: Core): void {
    core.timeline.addProjection({
      apply: (writer, event, context) => this.#placed(core, writer, event, context),
      restated: async (writer, { head }) => {
        this.#restating.add(writer);
        this.#noteState(writer, head);
      },
    });
  }

  /** Whether the server has come into a room by this event. */
  isEntry(eventId: string): boolean {
    return this.#entries.has(eventId);
  }

  wronglyShown(eventId: string): string | undefined {
    return this.#wronglyShown.get(eventId);
  }

  /** Whether none of the current states that the server has had was against an event. */
  async isAlwaysAllowed(core: Core, { version, roomId }: Context['head'], pdu: Event['pdu']): Promise<boolean> {
    for (const state of this.#states.get(roomId) ?? [])
      if (!(await isAllowed(core, { version, state }, pdu))) return false;
    return true;
  }

  #noteState(writer: Written[0], { roomId, state }: Context['head']): void {
    // What a kill undoes is no state that the server has had, and can't be looked at any more.
    writer.onDurable(() => {
      const known = this.#states.get(roomId);
      if (known) known.add(state);
      else this.#states.set(roomId, new Set([state]));
    });
  }

  async #placed(core: Core, writer: Written[0], event: Event, context: Context): Promise<void> {
    const { way, head, changes } = context;
    if (way === 'history') return;
    this.#noteState(writer, head);
    // A transaction that comes to nothing may have been looked at before.
    this.#wronglyShown.delete(event.eventId);
    if (way === 'entered') this.#entries.add(event.eventId);
    if (way === 'sent' || way === 'entered' || core.partialRooms.isPartial(head.room)) return;
    if (this.#restating.has(writer)) return;
    if (await hasMetCurrentState(core, writer, event, context)) return;
    const before = prevEventIds(event.pdu, head.version);
    const known = await core.events.findMany(before, writer);
    // Where events before it are missing, the server may take its word for more: that depends on what it was told.
    if (before.some((id) => known.get(id)?.isOutlier ?? true)) return;
    const find = async (type: string, stateKey: string): Promise<Event | undefined> => {
      const key = await core.names.findStateKey(type, stateKey, writer);
      const changed = changes.find((change) => change.key === key);
      return changed ? changed.before : core.states.get(head.state, type, stateKey, writer);
    };
    const { state } = await core.authStates.loadFrom(head.version, find, event.pdu);
    const decision = checkEventAuth(event.pdu, state, head.version);
    if (!decision.allowed) this.#wronglyShown.set(event.eventId, decision.reason);
  }
}

async function isAllowed(
  core: Core,
  { version, state: root }: Pick<Context['head'], 'version' | 'state'>,
  pdu: Event['pdu'],
): Promise<boolean> {
  const find = (type: string, key: string): Promise<Event | undefined> => core.states.get(root, type, key);
  const { state } = await core.authStates.loadFrom(version, find, pdu);
  return checkEventAuth(pdu, state, version).allowed;
}

/** Whether the room's current state was the one that the event met at its place, where it is judged by others. */
async function hasMetCurrentState(
  { maps }: Core,
  writer: Written[0],
  { fields: { stateKeyNid: key, stateBefore, stateAfter } }: Event,
  { head, changes }: Context,
): Promise<boolean> {
  if (head.state !== stateAfter || changes.length !== (key === undefined ? 0 : 1)) return false;
  const [change] = changes;
  return !change || (change.key === key && change.before?.nid === (await maps.get(stateBefore, change.key, writer)));
}
