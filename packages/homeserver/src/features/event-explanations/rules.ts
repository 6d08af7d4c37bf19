import type { RoomVersion } from '@myelin/protocol';

/** Beginnings of the codes of refusals, and the rule that they belong to. */
const rules: readonly (readonly [beginning: string, rule: string])[] = [
  ['auth-event-', 'the choice of auth events'],
  ['create-missing', 'the choice of auth events'],
  ['create-rejected', 'the choice of auth events'],
  ['create-', 'm.room.create'],
  ['room-not-federated', 'm.federate'],
  ['id-without-domain', 'identifiers'],
  ['sender-not-joined', 'the sender must be in the room'],
  ['send-level-', 'the power level to send an event of this type'],
  ['state-key-', 'state keys that are user ids'],
  ['aliases-', 'm.room.aliases'],
  ['power-levels-', 'm.room.power_levels'],
  ['power-level-', 'power levels'],
  ['redact-', 'm.room.redaction'],
];

/** The rule that refused an event, by the code of the refusal. */
function ruleOf(code: string): string {
  return rules.find(([beginning]) => code.startsWith(beginning))?.[1] ?? 'm.room.member';
}

/** Where the specification has the authorization rules, with the rule that refused if one did. */
export function authSection(version: RoomVersion, code?: string): string {
  const section = `Room Version ${version.id} §"Authorisation rules"`;
  return code === undefined ? section : `${section}: ${ruleOf(code)}`;
}

export function resolutionSection(version: RoomVersion): string {
  if (version.stateResolution === 'v1') return 'Room Version 1 §"State resolution"';
  return version.stateResolution === 'v2'
    ? 'Room Version 2 §"State resolution"'
    : 'Room Version 12 §"State resolution" (version 2.1)';
}
