import type { ReplayedEvent, ResolutionAccount } from '@myelin/homeserver';
import { mention } from './mention.ts';

const rounds: Record<ResolutionAccount['rounds'][number]['round'], string> = {
  'power-events': 'First the power events, in reverse topological power order:',
  mainline: 'Then the others, in mainline order:',
};

/** A resolution of a room's states. */
export function resolutionLines(account: ResolutionAccount): string[] {
  const { authDifference, subgraph, conflictsLeft } = account;
  const added =
    account.algorithm === 'v1'
      ? []
      : [
          `The auth difference has ${authDifference} events${subgraph === undefined ? '' : `, the conflicted state subgraph ${subgraph}`}.`,
        ];
  return [
    `${placeOf(account)} (state resolution ${account.algorithm}, ${account.section}).`,
    ...account.states.map(
      ({ after, event }) => `  the state after ${after.join(', ')}${event === undefined ? '' : ` has ${event} here`}`,
    ),
    'What they disagree on, and which event each key has afterwards:',
    ...account.conflicts.flatMap(({ type, stateKey, candidates, winner }) => [
      `  ${type} ${JSON.stringify(stateKey)}`,
      ...candidates.map((id) => `    ${id === winner ? 'taken' : '     '}  ${id}`),
      ...(winner === undefined ? ['    none of them'] : candidates.includes(winner) ? [] : [`    taken  ${winner}`]),
    ]),
    ...more(conflictsLeft, 'keys'),
    ...added,
    ...account.rounds.flatMap((round) => [
      `${rounds[round.round]}${round.powerLevels === undefined ? '' : ` (by the power levels ${round.powerLevels})`}`,
      ...(round.events.length === 0 ? ['  none'] : round.events.map(replayedLine)),
      ...more(round.left, 'events'),
    ]),
    ...verdictLines(account),
  ];
}

function placeOf({ where, at }: ResolutionAccount): string {
  if (where === 'before-event')
    return 'The room had forked before it: the states after the events before it were resolved';
  if (where === 'now')
    return 'The room has forked, and no event joins the branches yet: the states after the newest events are resolved';
  return `The room forked here; the branches meet again at ${at?.eventId}, and the states before that were resolved`;
}

function replayedLine(event: ReplayedEvent): string {
  if (event.outcome === 'allowed') return `  allowed  ${mention(event)}`;
  if (event.outcome === 'refused-before') return `  skipped  ${mention(event)}: refused when it came`;
  return `  REFUSED  ${mention(event)}: ${event.says} (${event.reason})`;
}

function more(left: number, what: string): string[] {
  return left > 0 ? [`  … and ${left} more ${what}`] : [];
}

function verdictLines({ verdict }: ResolutionAccount): string[] {
  if (!verdict) return [];
  const { won, step, says, by } = verdict;
  return [
    `It was decided ${won ? 'FOR' : 'AGAINST'} this event (${step}): ${says}.`,
    ...by.map((event) => `  because of ${mention(event)}`),
  ];
}
