import { authTypesForEvent, stateMapKey, type ResolutionStep, type StateConflict } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import type { Names, StateKeyNid } from '../names/index.ts';
import type { StateMaps } from '../state-map/index.ts';
import {
  valueIn,
  viewOf,
  type ResolutionScope,
  type StateResolver,
  type StateView,
} from '../state-resolution/index.ts';
import type { EventMention, KeyConflict, ReplayedEvent, ResolutionAccount, ResolutionRound } from './explanation.ts';
import { mentionOf } from './mentions.ts';
import { resolutionSection } from './rules.ts';

export interface ResolutionAccountsParts {
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly resolver: Pick<StateResolver, 'trace'>;
}

/** So many conflicting keys, and events of a round, are told. */
const mostConflicts = 50;
const mostReplayed = 200;

type Checked = Extract<ResolutionStep, { kind: 'checked' }>;
type Verdict = NonNullable<ResolutionAccount['verdict']>;

/** Runs resolutions again and tells what they do. */
export class ResolutionAccounts {
  readonly #parts: ResolutionAccountsParts;

  constructor(parts: ResolutionAccountsParts) {
    this.#parts = parts;
  }

  /** Of the states after some events; undefined if they are all the same. `subject` is the event that is explained. */
  async of(
    scope: ResolutionScope,
    after: readonly StoredEvent[],
    subject: StoredEvent,
    where: Pick<ResolutionAccount, 'where' | 'at'>,
  ): Promise<ResolutionAccount | undefined> {
    const byState = new Map<number, StoredEvent[]>();
    for (const event of after) {
      const { stateAfter } = event.fields;
      byState.set(stateAfter, [...(byState.get(stateAfter) ?? []), event]);
    }
    if (byState.size < 2) return undefined;
    const steps: ResolutionStep[] = [];
    const views = [...byState.values()].map(([event]) => viewOf((event as StoredEvent).fields.stateAfter));
    const result = await this.#parts.resolver.trace(scope, views, (step) => steps.push(step));
    const conflicts = steps.flatMap((step) => (step.kind === 'conflicts' ? step.conflicts : []));
    const set = steps.find((step) => step.kind === 'full-conflicted-set');
    const replayed = await this.#replayed(steps);
    return {
      ...where,
      algorithm: scope.version.stateResolution,
      section: resolutionSection(scope.version),
      states: await this.#states([...byState.values()], subject),
      conflicts: await this.#conflicts(conflicts.slice(0, mostConflicts), result),
      conflictsLeft: Math.max(0, conflicts.length - mostConflicts),
      authDifference: set?.authDifference.length ?? 0,
      ...(set?.subgraph && { subgraph: set.subgraph.length }),
      rounds: roundsOf(steps, replayed),
      ...(await this.#verdict(scope, subject, steps, replayed, result)),
    };
  }

  async #states(
    groups: readonly (readonly StoredEvent[])[],
    subject: StoredEvent,
  ): Promise<ResolutionAccount['states']> {
    const key = subject.fields.stateKeyNid;
    const states = [];
    for (const group of groups) {
      const { stateAfter } = (group[0] as StoredEvent).fields;
      const event = key === undefined ? undefined : await this.#idAt(viewOf(stateAfter), key);
      states.push({ after: group.map(({ eventId }) => eventId), ...(event !== undefined && { event }) });
    }
    return states;
  }

  async #conflicts(conflicts: readonly StateConflict[], result: StateView): Promise<KeyConflict[]> {
    const out: KeyConflict[] = [];
    for (const { type, stateKey, candidates } of conflicts) {
      const key = await this.#parts.names.findStateKey(type, stateKey);
      const winner = key === undefined ? undefined : await this.#idAt(result, key);
      out.push({ type, stateKey, candidates, ...(winner !== undefined && { winner }) });
    }
    return out;
  }

  async #idAt(view: StateView, key: StateKeyNid): Promise<string | undefined> {
    const { maps, events } = this.#parts;
    const nid = await valueIn(view, key, maps, undefined);
    return nid === undefined ? undefined : (await events.get(nid)).eventId;
  }

  async #replayed(steps: readonly ResolutionStep[]): Promise<Map<string, StoredEvent>> {
    return this.#parts.events.findMany(steps.flatMap((step) => (step.kind === 'checked' ? [step.eventId] : [])));
  }

  async #verdict(
    scope: ResolutionScope,
    subject: StoredEvent,
    steps: readonly ResolutionStep[],
    replayed: ReadonlyMap<string, StoredEvent>,
    result: StateView,
  ): Promise<{ verdict?: Verdict }> {
    const key = subject.fields.stateKeyNid;
    if (key === undefined) return {};
    const winner = await this.#idAt(result, key);
    const won = winner === subject.eventId;
    const chosen = steps.find(
      (step) => step.kind === 'chosen' && step.type === subject.type && step.stateKey === subject.stateKey,
    );
    if (chosen?.kind === 'chosen') {
      if (!chosen.eventIds.includes(subject.eventId)) return {};
      const says = 'of the events of its key, by depth, the last was taken that those before it allow';
      return { verdict: { won, step: 'version 1', says, by: await this.#mentions(won ? [] : [chosen.eventId]) } };
    }
    const checked = steps.findLast((step) => step.kind === 'checked' && step.eventId === subject.eventId);
    if (checked?.kind !== 'checked') {
      if (!steps.some((step) => isCandidate(step, subject))) return {};
      const says = "it wasn't among the events that were replayed";
      return {
        verdict: { won, step: 'unconflicted state', says, by: await this.#mentions(winner && !won ? [winner] : []) },
      };
    }
    const step = nameOf(checked);
    const { decision } = checked;
    if (decision && !decision.allowed) {
      const by = this.#refusers(scope, subject, steps, replayed);
      return { verdict: { won, step, says: `refused: ${decision.message} (${decision.reason})`, by } };
    }
    if (!decision) return { verdict: { won, step, says: 'passed over: it was refused when it came', by: [] } };
    if (won) return { verdict: { won, step, says: 'allowed, and no later event took its place', by: [] } };
    const says = 'allowed, but an event that was replayed later took its place';
    return { verdict: { won, step, says, by: await this.#mentions(winner === undefined ? [] : [winner]) } };
  }

  /** The events that were replayed before it and that the rules look at for it. */
  #refusers(
    { version }: ResolutionScope,
    subject: StoredEvent,
    steps: readonly ResolutionStep[],
    replayed: ReadonlyMap<string, StoredEvent>,
  ): EventMention[] {
    const keys = new Set(authTypesForEvent(subject.pdu, version).map((pair) => stateMapKey(pair.type, pair.stateKey)));
    const found = new Map<string, EventMention>();
    for (const step of steps) {
      if (step.kind !== 'checked') continue;
      if (step.eventId === subject.eventId) break;
      const event = replayed.get(step.eventId);
      const key = event && stateMapKey(event.type, event.stateKey ?? '');
      if (event && key !== undefined && step.decision?.allowed && keys.has(key)) found.set(key, mentionOf(event));
    }
    return [...found.values()];
  }

  async #mentions(eventIds: readonly string[]): Promise<EventMention[]> {
    return [...(await this.#parts.events.findMany(eventIds)).values()].map(mentionOf);
  }
}

function isCandidate(step: ResolutionStep, { eventId }: StoredEvent): boolean {
  return step.kind === 'conflicts' && step.conflicts.some(({ candidates }) => candidates.includes(eventId));
}

function nameOf({ phase }: Checked): string {
  return phase === 'power-events'
    ? 'power events in reverse topological power order'
    : 'other events in mainline order';
}

function roundsOf(steps: readonly ResolutionStep[], replayed: ReadonlyMap<string, StoredEvent>): ResolutionRound[] {
  return steps.flatMap((ordered) => {
    if (ordered.kind !== 'ordered') return [];
    const all = steps.filter((step) => step.kind === 'checked' && step.phase === ordered.phase) as Checked[];
    const events = all.slice(0, mostReplayed).map((step) => replayedEvent(step, replayed.get(step.eventId)));
    const { phase: round, powerLevels } = ordered;
    return [{ round, ...(powerLevels !== undefined && { powerLevels }), events, left: all.length - events.length }];
  });
}

function replayedEvent({ eventId, decision }: Checked, event: StoredEvent | undefined): ReplayedEvent {
  const mention = event ? mentionOf(event) : { eventId, isKnown: false };
  if (!decision) return { ...mention, outcome: 'refused-before' };
  if (decision.allowed) return { ...mention, outcome: 'allowed' };
  return { ...mention, outcome: 'refused', reason: decision.reason, says: decision.message };
}
