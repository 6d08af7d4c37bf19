/**
 * Where the specification's schemas say something else than its text, or less than every server and client does.
 * Each entry puts `value` at `at` inside the operation (undefined: takes away what is there) and says why.
 */
export interface Slip {
  api: string;
  operation: string;
  at: readonly string[];
  value: unknown;
  because: string;
}

const okSchema = ['responses', '200', 'content', 'application/json', 'schema'] as const;

export const slips: readonly Slip[] = [
  {
    api: 'client-server',
    operation: 'getRoomSummary',
    at: ['security'],
    value: [{ accessTokenQuery: [] }, { accessTokenBearer: [] }, {}],
    because: 'The schema lists a signed request; the text says that an access token may be given.',
  },
  {
    api: 'server-server',
    operation: 'getEventByTimestamp',
    at: ['security'],
    value: [{ signedRequest: [] }],
    because: 'The schema leaves the authentication out; every federation read needs a signed request.',
  },
  {
    api: 'client-server',
    operation: 'getTurnServer',
    at: [...okSchema, 'required'],
    value: [],
    because: 'The schema knows no server without TURN; such servers answer an empty object, and clients expect that.',
  },
  {
    api: 'client-server',
    operation: 'getRoomStateWithKey',
    at: [...okSchema, 'oneOf'],
    value: [{ type: 'object' }],
    because:
      'The content of the event or, with format=event, the event: whatever fits the second fits the first as well.',
  },
  ...['avatar_url', 'display_name'].map((member) => ({
    api: 'client-server',
    operation: 'getJoinedMembersByRoom',
    at: [...okSchema, 'properties', 'joined', 'patternProperties', '^@', 'properties', member, 'type'],
    value: ['string', 'null'],
    because: 'The conformance suite wants the member to be there; servers say null for a profile without it.',
  })),
  {
    api: 'client-server',
    operation: 'uploadCrossSigningKeys',
    at: ['responses', '401'],
    value: {
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['flows'],
            properties: { flows: { type: 'array' }, session: { type: 'string' } },
          },
        },
      },
    },
    because: 'The text says that replacing keys takes user-interactive authentication; its answer is not listed.',
  },
  ...['getRoomKeysVersionCurrent', 'getRoomKeysVersion'].map((operation) => ({
    api: 'client-server',
    operation,
    at: [...okSchema, 'properties', 'algorithm', 'enum'],
    value: undefined,
    because: 'The list of backup algorithms is open: a server keeps what the client made, whatever it is called.',
  })),
];
