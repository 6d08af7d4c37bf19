import { MatrixError } from '@myelin/api';
import { compileServerAcl, isServerAllowed, type ServerAcl } from '@myelin/protocol';
import { boundedCache } from '../../caches/index.ts';
import type { RoomNid } from '../names/index.ts';
import type { RoomHeads, RoomStates } from '../timeline/index.ts';

/** Which servers may take part in which rooms. Client-Server API §"Server Access Control Lists (ACLs) for rooms". */
export class ServerAcls {
  readonly #heads: RoomHeads;
  readonly #states: RoomStates;
  /** By the event, and whether it is redacted: compiled lists are large. */
  readonly #compiled = boundedCache<string, ServerAcl>(1_000);

  constructor(heads: RoomHeads, states: RoomStates) {
    this.#heads = heads;
    this.#states = states;
  }

  /** Throws M_FORBIDDEN if the room's current state shuts the server out. A room that isn't known shuts nobody out. */
  async check(room: RoomNid, server: string): Promise<void> {
    if (!(await this.isAllowed(room, server)))
      throw new MatrixError('M_FORBIDDEN', 'The server is shut out of this room by its access control list');
  }

  async isAllowed(room: RoomNid, server: string): Promise<boolean> {
    const head = await this.#heads.find(room);
    if (!head) return true;
    const event = await this.#states.get(head.state, 'm.room.server_acl', '');
    if (!event) return true;
    const key = `${event.nid} ${event.fields.redactedBy ?? 0}`;
    let acl = this.#compiled.get(key);
    if (!acl) {
      acl = compileServerAcl(event.content);
      this.#compiled.set(key, acl);
    }
    return isServerAllowed(acl, server);
  }
}
