import { randomUUID } from 'node:crypto';
import type { JsonObject, JsonValue } from '@myelin/protocol';
import type { ForeignWorld, Situation } from '../foreign-world.ts';
import type { ManyServers } from './many-servers.ts';
import type { ToldEvents } from './told-events.ts';

/** Where it happens. */
export interface HostileStage {
  readonly world: ForeignWorld;
  readonly situation: Situation;
  readonly many: ManyServers;
  readonly told: ToldEvents;
}

/** Does something hostile once for each number, never the same twice. */
export type HostileKind = (stage: HostileStage, serials: readonly number[]) => Promise<unknown>;

export interface HostileCall {
  readonly method?: string;
  readonly path: string;
  readonly body?: JsonValue;
}

export const base = '/_matrix/federation/v1';

/** A user of the other server whom nobody has seen before. */
export function stranger({ world }: HostileStage, serial: number): string {
  return world.rooms.userId(`x${serial}-${randomUUID()}`);
}

/** A user of this server that there isn't. */
export function nobody({ world }: HostileStage, serial: number): string {
  return `@nobody${serial}:${world.server.serverName}`;
}

export function noRoom(): string {
  return `!${randomUUID()}:nowhere.test`;
}

export function calls(make: (stage: HostileStage, serial: number) => HostileCall): HostileKind {
  return (stage, serials) =>
    Promise.all(
      serials.map((serial) => {
        const { method = 'GET', path, body } = make(stage, serial);
        return stage.world.caller.call({
          method,
          target: path,
          ...(body === undefined ? {} : { text: JSON.stringify(body) }),
        });
      }),
    );
}

/** EDUs in one transaction. */
export function edus(make: (stage: HostileStage, serial: number) => JsonObject): HostileKind {
  return (stage, serials) =>
    stage.world.transaction(
      [],
      serials.map((serial) => make(stage, serial)),
    );
}

/** Events in transactions. */
export function pdus(make: (stage: HostileStage, serial: number) => JsonObject): HostileKind {
  return async (stage, serials) => {
    const all = serials.map((serial) => make(stage, serial));
    for (let from = 0; from < all.length; from += 50) await stage.world.transaction(all.slice(from, from + 50));
  };
}
