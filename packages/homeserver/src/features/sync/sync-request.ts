import type { Filter, InviteRules } from '@myelin/protocol';
import type { Requester } from '../../http/index.ts';
import type { UserNid } from '../names/index.ts';
import type { LazyMembers } from './lazy-members.ts';
import type { PartialView } from './partial-view.ts';
import type { RoomNid } from '../names/index.ts';

/** The state after the timeline is wanted in place of the one before it, and under which name. */
export type StateAfter = 'state_after' | 'org.matrix.msc4222.state_after';

/** What one answer of /sync is made for. */
export interface SyncRequest {
  readonly requester: Requester;
  readonly filter: Filter;
  /** The position that the client has seen; 0: nothing. */
  readonly since: number;
  readonly upTo: number;
  readonly fullState: boolean;
  readonly stateAfter: StateAfter | undefined;
  readonly partial: PartialView;
  readonly ignored: ReadonlySet<UserNid>;
  lazyMembers(room: RoomNid): LazyMembers;
  inviteRules(): Promise<InviteRules>;
}
