import type { Database, Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';
import type { Accounts } from './accounts.ts';
import type { UserJobs } from './user-jobs.ts';

/** Removes what a feature keeps for a user, in the transaction that deactivates them. `erase`: they asked to be forgotten. */
export type DeactivationCleaner = (writer: Writer, user: UserNid, erase: boolean) => Promise<void>;

/** Takes a user out of all rooms that they are in, invited to or knocking at. Implemented by wiring `features/membership`. */
export interface RoomLeaver {
  leaveAll(user: UserNid, signal: AbortSignal): Promise<void>;
}

const leaveRooms = 'leave-rooms';

/** Closing accounts for ever: the id stays taken. Client-Server API §POST /account/deactivate. */
export class Deactivation {
  readonly #database: Database;
  readonly #accounts: Accounts;
  readonly #jobs: UserJobs;
  readonly #cleaners: DeactivationCleaner[] = [];

  constructor(database: Database, accounts: Accounts, jobs: UserJobs, leaver: RoomLeaver) {
    this.#database = database;
    this.#accounts = accounts;
    this.#jobs = jobs;
    jobs.define(leaveRooms, (user, signal) => leaver.leaveAll(user, signal));
  }

  onDeactivate(cleaner: DeactivationCleaner): void {
    this.#cleaners.push(cleaner);
  }

  /** When it resolves the account is closed; its rooms are left soon after. */
  async deactivate(user: UserNid, erase: boolean): Promise<void> {
    await this.#database.transact(async (writer) => {
      await this.#accounts.setPasswordHash(writer, user, undefined);
      await this.#accounts.setFlags(writer, user, {
        deactivated: true,
        isAdmin: false,
        ...(erase && { erased: true }),
      });
      for (const clean of this.#cleaners) await clean(writer, user, erase);
      await this.#jobs.add(writer, leaveRooms, user);
    });
  }
}
