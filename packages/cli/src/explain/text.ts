import type { Check, EventExplanation, EventMention, ResolutionAccount } from '@myelin/homeserver';
import { printable } from '../printable.ts';
import { mention } from './mention.ts';
import { resolutionLines } from './resolution-text.ts';

const standings: Record<EventExplanation['standing'], string> = {
  accepted: 'It was accepted.',
  rejected: 'It was rejected: it is kept aside, never shown, and never part of a state.',
  'soft-failed':
    'It was soft-failed: allowed at its place, refused by the state that the room had when it came; never shown.',
  outlier:
    'It is an outlier: only its content counts (state, or an event that others rest on); it has no place in the room.',
};

const doors: Record<EventExplanation['door'], string> = {
  'made-here': 'made here, for a user of this server',
  received: "from another server, as it was sent (by which one isn't kept)",
  history: 'fetched from another server as history, later',
  'state-or-auth-chain': 'told by another server as part of a state or of an auth chain',
  'out-of-band': "from outside of a room that this server isn't in (an invite, a knock), checked by nobody's rules yet",
};

const checkNames: Record<Check['check'], string> = {
  format: 'format and size',
  signatures: 'signatures',
  'content-hash': 'content hash',
  'auth-events': 'auth events known',
  'auth-by-auth-events': 'rules, by its auth events',
  'state-before': 'state before it',
  'auth-by-state-before': 'rules, by the state before it',
  'current-state': 'rules, by the current state',
};

const results: Record<Check['result'], string> = {
  passed: 'passed  ',
  failed: 'FAILED  ',
  unknown: 'unknown ',
  'not-made': 'not made',
};

/** For a person at a terminal. */
export function explanationText(explanation: EventExplanation): string {
  const lines = [
    ...headLines(explanation),
    '',
    standings[explanation.standing],
    ...refusalLines(explanation),
    ...currentLines(explanation),
    '',
    ...mentionList('Events before it', explanation.previous),
    ...mentionList('Its auth events', explanation.authEvents),
    ...checkLines(explanation),
    ...(explanation.notResolved ? ['', `A resolution isn't shown: ${explanation.notResolved}.`] : []),
    ...explanation.resolutions.flatMap((account: ResolutionAccount) => ['', ...resolutionLines(account)]),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** What moves a terminal's cursor is written as escapes. */
export function explanationJson(explanation: EventExplanation): string {
  const text = JSON.stringify(explanation, undefined, 2);
  return `${text.replaceAll(/[\u007F-\u009F]|\p{Cf}|\p{Zl}|\p{Zp}/gu, escaped)}\n`;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_none, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

function headLines(event: EventExplanation): string[] {
  const { stateKey, roomVersion, position, redactedBy } = event;
  return [
    event.eventId,
    `  room      ${event.roomId}${roomVersion === undefined ? ", which this server isn't in" : `, version ${roomVersion}`}`,
    `  type      ${event.type}${stateKey === undefined ? '' : `, state key ${JSON.stringify(stateKey)}`}`,
    `  sender    ${event.sender}, of the server ${event.origin}`,
    `  made      ${timeOf(event.originServerTs)}, by the sender's clock`,
    `  place     depth ${event.depth}${position === undefined ? '' : `, position ${position} here`}`,
    `  came      ${doors[event.door]}`,
    ...(redactedBy === undefined ? [] : [`  redacted  by ${redactedBy}`]),
  ];
}

function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}

function refusalLines({ refusal }: EventExplanation): string[] {
  if (!refusal) return [];
  const by = refusal.by ?? [];
  return [
    `Noted then: ${refusal.says} (${refusal.code})`,
    ...(by.length === 0 ? [] : ["The room's state had against it:", ...by.map((event) => `  ${mention(event)}`)]),
  ];
}

function currentLines({ current }: EventExplanation): string[] {
  if (!current) return [];
  if (current.isInState) return ["The room's state has it now."];
  return [
    `The room's state has ${current.event ? `another now: ${mention(current.event)}` : 'nothing in its place now.'}`,
  ];
}

function mentionList(title: string, events: readonly EventMention[]): string[] {
  if (events.length === 0) return [`${title}: none`];
  return [`${title}:`, ...events.map((event) => `  ${mention(event)}`)];
}

function checkLines({ checks, roomVersion }: EventExplanation): string[] {
  if (roomVersion === undefined) return ["No checks: this server isn't in the room."];
  const lines = checks.flatMap(({ check, result, says, reason, section }) => [
    `  ${results[result]}  ${checkNames[check]}: ${says}${reason === undefined ? '' : ` (${reason})`}`,
    `              ${section}`,
  ]);
  return ['Checks, in their order, made again from what is kept:', ...lines];
}
