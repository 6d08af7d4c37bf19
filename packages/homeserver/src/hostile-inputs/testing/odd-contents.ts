/** In place of whatever a member should be. All are JSON that every room version takes. */
const oddValues: readonly unknown[] = [
  null,
  true,
  9_007_199_254_740_991,
  ' ',
  '\u0000\u202E',
  'x'.repeat(10_000),
  '$none',
  [],
  [[[null]], { $ref: '#' }],
  { '': null, '@alice:test': null },
  { constructor: { prototype: 1 }, toString: 'x', hasOwnProperty: 0, length: 5 },
  JSON.parse('{"__proto__":{"membership":"join","join_rule":"public"}}'),
];

/** The members that servers and clients read, by type of state. */
const stateMembers: Readonly<Record<string, readonly string[]>> = {
  'm.room.name': ['name'],
  'm.room.topic': ['topic', 'm.topic'],
  'm.room.avatar': ['url', 'info'],
  'm.room.canonical_alias': ['alias', 'alt_aliases'],
  'm.room.join_rules': ['join_rule', 'allow'],
  'm.room.history_visibility': ['history_visibility'],
  'm.room.guest_access': ['guest_access'],
  'm.room.encryption': ['algorithm', 'rotation_period_ms'],
  'm.room.server_acl': ['allow', 'deny', 'allow_ip_literals'],
  'm.room.tombstone': ['body', 'replacement_room'],
  'm.room.pinned_events': ['pinned'],
  'm.room.third_party_invite': ['display_name', 'public_key', 'public_keys', 'key_validity_url'],
  'm.room.aliases': ['aliases'],
  'm.room.retention': ['min_lifetime', 'max_lifetime'],
  'm.space.child': ['via', 'order', 'suggested'],
  'm.space.parent': ['via', 'canonical'],
};

const messageMembers: Readonly<Record<string, readonly string[]>> = {
  'm.room.message': [
    'msgtype',
    'body',
    'formatted_body',
    'url',
    'info',
    'm.relates_to',
    'm.new_content',
    'm.mentions',
    'membership',
  ],
  'm.room.encrypted': ['algorithm', 'ciphertext', 'm.relates_to'],
  'm.reaction': ['m.relates_to'],
  'm.room.redaction': ['redacts', 'reason'],
  'm.room.power_levels': ['users'],
  'm.room.name': ['name'],
  'm.room.member': ['membership'],
  'm.room.create': ['room_version'],
};

/** Besides those, what only makes sense together. `eventId` is of a message in the room. */
export function oddRelations(eventId: string): readonly object[] {
  const relTypes = [
    'm.annotation',
    'm.replace',
    'm.thread',
    'm.reference',
    'org.example.relation',
    '',
    '\u0000',
    'x'.repeat(5_000),
  ];
  return [
    ...relTypes.flatMap((rel_type) => [
      { rel_type, event_id: eventId },
      { rel_type, event_id: eventId, key: ['x'] },
      { rel_type, event_id: eventId, key: 'x'.repeat(20_000), is_falling_back: 'yes' },
      { rel_type, event_id: '$none' },
    ]),
    { rel_type: 'm.thread', event_id: eventId, 'm.in_reply_to': { event_id: 7 } },
    { 'm.in_reply_to': { event_id: eventId } },
    { 'm.in_reply_to': [] },
  ];
}

export const oddStateTypes: readonly string[] = Object.keys(stateMembers);
export const oddMessageTypes: readonly string[] = Object.keys(messageMembers);

export function oddStates(type: string): object[] {
  return oddContents(stateMembers[type] ?? [], {});
}

export function oddMessages(type: string): object[] {
  // Messages without a text are refused whatever else they say.
  return oddContents(messageMembers[type] ?? [], type === 'm.room.message' ? { msgtype: 'm.text', body: 'x' } : {});
}

function oddContents(members: readonly string[], required: object): object[] {
  return [{}, ...members.flatMap((member) => oddValues.map((value) => ({ ...required, [member]: value })))];
}
