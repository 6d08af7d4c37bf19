/** The server under test, for what is sent to it. */
interface Receiver {
  readonly to: string;
  readonly port: number;
}

/** What the measuring process tells the resident server to do. */
export type ResidentOrder =
  | { readonly do: 'room'; readonly members: number; readonly events: number; readonly levelChanges?: number }
  /** From now on, the room's history has two ends that disagree on so many members. */
  | { readonly do: 'fork'; readonly events: number }
  | ({ readonly do: 'deliver'; readonly part: 'first' | 'second' | 'merge' } & Receiver)
  /** So many membership changes, by so many members in turn. */
  | ({ readonly do: 'rename'; readonly members: number; readonly events: number } & Receiver)
  /** How often what was asked since the last time. */
  | { readonly do: 'counts' };

export interface ResidentReply {
  readonly name?: string;
  readonly roomId?: string;
  readonly eventIds?: readonly string[];
  readonly users?: readonly string[];
  readonly counts?: Readonly<Record<string, number>>;
  readonly error?: string;
}
