/**
 * Where the specification's schemas say something else than its text, or less than every server and client does.
 * Each entry puts `value` at `at` inside the operation and says why.
 */
export interface Slip {
  api: string;
  operation: string;
  at: readonly string[];
  value: unknown;
  because: string;
}

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
    at: ['responses', '200', 'content', 'application/json', 'schema', 'required'],
    value: [],
    because: 'The schema knows no server without TURN; such servers answer an empty object, and clients expect that.',
  },
];
