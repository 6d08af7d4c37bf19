import { federation, type ResponseOf } from '@myelin/api';
import { parseJson, roomVersions, type Pdu, type RoomVersion } from '@myelin/protocol';
import type { Clock, Random, Timers } from '@myelin/runtime';
import type { FederationClient } from '../federation-client/index.ts';
import type { EventSigner } from '../timeline/index.ts';
import { withDeadline } from './deadline.ts';
import { rebuildFromTemplate, type WantedMembership } from './membership-template.ts';
import { isUnknownEndpoint } from './refusals.ts';

/** For a template, and for a small answer, in milliseconds. */
const shortPatience = 30_000;
/** For all of a join's answer, which may be large and take the other server a while. */
const joinPatience = 240_000;
/** Largest answer to a join, in bytes: state and auth chain of a large room. */
const largestJoinAnswer = 128 * 1024 * 1024;
const largestAnswer = 4 * 1024 * 1024;

export interface ExchangeParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly client: FederationClient;
  readonly signer: EventSigner;
}

/** A membership event of ours, made by another server's template. */
export interface OwnMembership {
  readonly resident: string;
  readonly roomId: string;
  readonly version: RoomVersion;
  readonly eventId: string;
  readonly pdu: Pdu;
  /** Canonical JSON. */
  readonly json: string;
}

export type JoinAnswer = ResponseOf<typeof federation.sendJoinV2>;

/** The two steps of coming and going by another server: a template, then the event. Server-Server API §"Joining Rooms". */
export class MembershipExchange {
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** Throws FederationError and BadAnswer. */
  async make(kind: 'join' | 'knock' | 'leave', wanted: WantedMembership): Promise<OwnMembership> {
    const { client, clock, random, timers, signer } = this.#parts;
    const { resident, roomId, userId } = wanted;
    const params = { roomId, userId };
    const ver = roomVersions.map((version) => version.id);
    const answer = await withDeadline(timers, shortPatience, (signal) => {
      // The user waits for it: a server that failed lately is asked all the same.
      const options = { signal, maxBytes: largestAnswer, ignoreBackoff: true, retries: 'none' } as const;
      if (kind === 'join') return client.call(resident, federation.makeJoin, { params, query: { ver } }, options);
      if (kind === 'knock') return client.call(resident, federation.makeKnock, { params, query: { ver } }, options);
      return client.call(resident, federation.makeLeave, { params }, options);
    });
    const { version, pdu } = rebuildFromTemplate(answer, wanted, clock, random);
    const { eventId, json } = signer.sign(pdu, version);
    const parsed = parseJson(json);
    if (!parsed.ok) throw new Error('An event that was just signed is not JSON');
    return { resident, roomId, version, eventId, json, pdu: parsed.value as Pdu };
  }

  async sendJoin(event: OwnMembership): Promise<JoinAnswer> {
    return withDeadline(this.#parts.timers, joinPatience, async (signal) => {
      const options = { signal, maxBytes: largestJoinAnswer, ignoreBackoff: true, retries: 'none' } as const;
      try {
        const input = { ...this.#input(event), query: { omit_members: true } };
        return await this.#parts.client.call(event.resident, federation.sendJoinV2, input, options);
      } catch (error) {
        if (!isUnknownEndpoint(error)) throw error;
        const answer = await this.#parts.client.call(
          event.resident,
          federation.sendJoinV1,
          this.#input(event),
          options,
        );
        return answer[1];
      }
    });
  }

  /** Resolves to the room's state as the other server shows it to who knocks. */
  async sendKnock(event: OwnMembership): Promise<readonly unknown[]> {
    const answer = await withDeadline(this.#parts.timers, shortPatience, (signal) =>
      this.#parts.client.call(event.resident, federation.sendKnock, this.#input(event), {
        signal,
        maxBytes: largestAnswer,
        ignoreBackoff: true,
        retries: 'none',
      }),
    );
    return answer.knock_room_state;
  }

  async sendLeave(event: OwnMembership): Promise<void> {
    await withDeadline(this.#parts.timers, shortPatience, async (signal) => {
      const options = { signal, maxBytes: largestAnswer, ignoreBackoff: true, retries: 'none' } as const;
      try {
        await this.#parts.client.call(event.resident, federation.sendLeaveV2, this.#input(event), options);
      } catch (error) {
        if (!isUnknownEndpoint(error)) throw error;
        await this.#parts.client.call(event.resident, federation.sendLeaveV1, this.#input(event), options);
      }
    });
  }

  #input({ roomId, eventId, json }: OwnMembership): {
    params: { roomId: string; eventId: string };
    canonicalBody: string;
  } {
    return { params: { roomId, eventId }, canonicalBody: json };
  }
}
