/** Another event, as far as the server knows it. */
export interface EventMention {
  readonly eventId: string;
  readonly isKnown: boolean;
  readonly type?: string;
  readonly stateKey?: string;
  readonly sender?: string;
  readonly depth?: number;
  /** `accepted`, or what else the server thinks of it. */
  readonly standing?: Standing;
}

export type Standing = 'accepted' | 'rejected' | 'soft-failed' | 'outlier';

/** How the event came here, as far as that is kept. */
export type Door = 'made-here' | 'received' | 'history' | 'state-or-auth-chain' | 'out-of-band';

/** The checks on receipt of a PDU, in their order. Server-Server API §"Checks performed on receipt of a PDU". */
export type CheckName =
  | 'format'
  | 'signatures'
  | 'content-hash'
  | 'auth-events'
  | 'auth-by-auth-events'
  | 'state-before'
  | 'auth-by-state-before'
  | 'current-state';

export interface Check {
  readonly check: CheckName;
  /** `unknown`: it can't be made again from what is kept; `not-made`: it isn't made of such an event. */
  readonly result: 'passed' | 'failed' | 'unknown' | 'not-made';
  /** A sentence; never anything of the event's content. */
  readonly says: string;
  /** The code of the rule that refused. */
  readonly reason?: string;
  /** Where the specification has it. */
  readonly section: string;
}

/** An event that a resolution replayed. */
export interface ReplayedEvent extends EventMention {
  readonly outcome: 'allowed' | 'refused' | 'refused-before';
  readonly reason?: string;
  readonly says?: string;
}

export interface ResolutionRound {
  readonly round: 'power-events' | 'mainline';
  /** The power levels event at the head of the mainline. */
  readonly powerLevels?: string;
  /** In the order in which they were replayed; of very many only the first. */
  readonly events: readonly ReplayedEvent[];
  readonly left: number;
}

export interface KeyConflict {
  readonly type: string;
  readonly stateKey: string;
  readonly candidates: readonly string[];
  /** The event that the resolved state has. */
  readonly winner?: string;
}

/** One resolution of a room's states, as this server would run it now. */
export interface ResolutionAccount {
  /** Before the event (the states after the events before it), at a later event, or now, at the newest events. */
  readonly where: 'before-event' | 'at-event' | 'now';
  readonly at?: EventMention;
  readonly algorithm: string;
  readonly section: string;
  /** After which events the states are, and what each has for the key of the event that is explained. */
  readonly states: readonly { readonly after: readonly string[]; readonly event?: string }[];
  readonly conflicts: readonly KeyConflict[];
  readonly conflictsLeft: number;
  /** How many events the auth difference has, and the conflicted state subgraph (version 12). */
  readonly authDifference: number;
  readonly subgraph?: number;
  readonly rounds: readonly ResolutionRound[];
  /** What became of the event that is explained, where it was in question. */
  readonly verdict?: {
    readonly won: boolean;
    readonly step: string;
    readonly says: string;
    readonly by: readonly EventMention[];
  };
}

/** Why an event is what it is to this server. */
export interface EventExplanation {
  readonly eventId: string;
  readonly roomId: string;
  /** Undefined for a room that the server isn't in. */
  readonly roomVersion: string | undefined;
  readonly type: string;
  readonly stateKey?: string;
  readonly sender: string;
  /** The server of the sender. */
  readonly origin: string;
  readonly originServerTs: number;
  readonly depth: number;
  readonly standing: Standing;
  readonly door: Door;
  /** Place in this server's order of events. */
  readonly position?: number;
  readonly redactedBy?: string;
  /** Why it was refused, as noted when it came; `by`: the events of the room's state at that time that were against it. */
  readonly refusal?: { readonly code: string; readonly says: string; readonly by?: readonly EventMention[] };
  readonly previous: readonly EventMention[];
  readonly authEvents: readonly EventMention[];
  readonly checks: readonly Check[];
  /** Of a state event: whether the room's state has it now, and which event it has instead. */
  readonly current?: { readonly isInState: boolean; readonly event?: EventMention };
  readonly resolutions: readonly ResolutionAccount[];
  /** Why a resolution isn't among them. */
  readonly notResolved?: string;
}
