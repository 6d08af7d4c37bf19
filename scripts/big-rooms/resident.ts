/**
 * A server that doesn't exist but for what others ask of it: it has one room of many members and tells of it what a
 * joining server wants to know. A process of its own, so that its work isn't counted to those that are measured.
 */
import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { canonicalJson, signJson, type JsonObject } from '@myelin/protocol';
import { serverCertificate } from '@myelin/testkit/certificates';
import { Crowd, type Forks } from './crowd.ts';
import type { ResidentOrder, ResidentReply } from './orders.ts';
import { ServerKeys, type MadeEvent } from './room-history.ts';

const otherServers = 200;
const pdusOfTransaction = 50;
const day = 86_400_000;

interface Answer {
  readonly status: number;
  readonly body: string;
}

class Resident {
  readonly #keys = new ServerKeys();
  #name = '';
  #crowd: Crowd | undefined;
  #forks: Forks | undefined;
  #transactions = 0;
  readonly #counts = new Map<string, number>();

  async listen(): Promise<string> {
    const { certificate, key } = serverCertificate;
    const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
    server.on('request', async (incoming, response) => {
      const pieces: Buffer[] = [];
      try {
        for await (const piece of incoming) pieces.push(piece as Buffer);
      } catch {
        // A server that is stopped breaks its requests off.
        return;
      }
      let answer: Answer;
      try {
        answer = this.#answer(incoming, Buffer.concat(pieces).toString());
      } catch (error) {
        answer = { status: 500, body: JSON.stringify({ errcode: 'M_UNKNOWN', error: (error as Error).message }) };
      }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const { port } = server.address() as AddressInfo;
    this.#name = `127.0.0.1:${port}`;
    return this.#name;
  }

  async obey(order: ResidentOrder): Promise<ResidentReply> {
    switch (order.do) {
      case 'room': {
        const port = this.#name.split(':')[1];
        const servers = Array.from({ length: otherServers }, (_, i) => `127.0.1.${i + 1}:${port}`);
        const roomId = `!big${order.members}-${Date.now()}:${this.#name}`;
        const all = [this.#name, ...servers];
        this.#crowd = new Crowd(roomId, this.#keys, { levelChanges: 0, ...order, servers: all });
        return { roomId };
      }
      case 'fork':
        this.#forks = this.#room.fork(order.events);
        return { eventIds: [this.#forks.merge.eventId], users: [this.#room.user(0), this.#room.user(1)] };
      case 'deliver': {
        const { first, second, merge } = this.#forks as Forks;
        const events = { first, second, merge: [merge] }[order.part];
        await this.#send(order, events);
        return {};
      }
      case 'rename': {
        const made: MadeEvent[] = [];
        for (let i = 0; i < order.events; i++) made.push(this.#room.rename((i * 7) % order.members, `again ${i}`));
        await this.#send(order, made);
        return { eventIds: [made.at(-1)?.eventId as string] };
      }
      case 'counts': {
        const counts = Object.fromEntries(this.#counts);
        this.#counts.clear();
        return { counts };
      }
    }
  }

  get #room(): Crowd {
    return this.#crowd as Crowd;
  }

  #answer(incoming: IncomingMessage, body: string): Answer {
    const url = new URL(incoming.url as string, 'https://here');
    const parts = url.pathname.split('/').slice(3).map(decodeURIComponent);
    const name = parts.slice(1, parts[1] === 'user' ? 3 : 2).join('/');
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (parts[0] === 'v2' && name === 'server') return ok(this.#keysOf(serverAt(incoming)));
    if (parts[0] === 'v2' && name === 'query') return ok(this.#notary(body));
    const { history } = this.#room;
    switch (name) {
      case 'make_join':
        return ok(this.#template(parts[3] as string));
      case 'send_join':
        return {
          status: 200,
          body: this.#join(parts[3] as string, body, url.searchParams.get('omit_members') === 'true'),
        };
      case 'state_ids': {
        const state = [...history.stateBefore(history.get(url.searchParams.get('event_id') as string)).values()];
        return ok({ pdu_ids: state.map(idOf), auth_chain_ids: history.authChain(state).map(idOf) });
      }
      case 'state': {
        const state = [...history.stateBefore(history.get(url.searchParams.get('event_id') as string)).values()];
        return { status: 200, body: `{"pdus":${listOf(state)},"auth_chain":${listOf(history.authChain(state))}}` };
      }
      case 'event':
        return this.#pdus([history.get(parts[2] as string)]);
      case 'event_auth':
        return { status: 200, body: `{"auth_chain":${listOf(history.authChain([history.get(parts[3] as string)]))}}` };
      case 'backfill': {
        const from = url.searchParams.getAll('v');
        const limit = Math.min(Number(url.searchParams.get('limit')), 100);
        return this.#pdus([...from.map((id) => history.get(id)), ...history.before(from, limit - from.length)]);
      }
      case 'get_missing_events': {
        const wanted = JSON.parse(body) as { latest_events: string[]; earliest_events: string[]; limit: number };
        const found = history.before(wanted.latest_events, Math.min(wanted.limit, 20), new Set(wanted.earliest_events));
        return { status: 200, body: `{"events":${listOf(found.toReversed())}}` };
      }
      case 'send':
        return ok({ pdus: {} });
      case 'version':
        return ok({ server: { name: 'resident', version: '1' } });
      case 'user/devices':
        return ok({ user_id: parts[3] as string, stream_id: 1, devices: [] });
      default:
        return { status: 404, body: '{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}' };
    }
  }

  #keysOf(server: string): JsonObject {
    const key = this.#keys.of(server);
    const keys = {
      server_name: server,
      valid_until_ts: Date.now() + day,
      verify_keys: { [key.keyId]: { key: key.publicKey } },
      old_verify_keys: {},
    };
    return signJson(keys, server, key);
  }

  /** Signed by the servers and by this one, as a notary does. */
  #notary(body: string): JsonObject {
    const wanted = Object.keys((JSON.parse(body) as { server_keys: JsonObject }).server_keys);
    const own = this.#keys.of(this.#name);
    return { server_keys: wanted.map((server) => signJson(this.#keysOf(server), this.#name, own)) };
  }

  #template(user: string): JsonObject {
    const { history } = this.#room;
    const newest = history.newest as MadeEvent;
    return {
      room_version: history.version.id,
      event: {
        type: 'm.room.member',
        room_id: history.roomId,
        sender: user,
        state_key: user,
        content: { membership: 'join' },
        depth: newest.depth + 1,
        origin: this.#name,
        origin_server_ts: Date.now(),
        prev_events: [newest.eventId],
        auth_events: this.#room.authOfJoin.map(idOf),
      },
    };
  }

  #join(eventId: string, text: string, omitMembers: boolean): string {
    const { history } = this.#room;
    const pdu = JSON.parse(text) as { prev_events: string[]; auth_events: string[]; depth: number; state_key: string };
    const join = history.add({
      eventId,
      text,
      key: `m.room.member|${pdu.state_key}`,
      depth: pdu.depth,
      prev: pdu.prev_events.map((id) => history.get(id)),
      auth: pdu.auth_events.map((id) => history.get(id)),
    });
    const all = [...history.stateBefore(join).values()];
    const state = omitMembers ? all.filter((event) => !event.key?.startsWith('m.room.member|')) : all;
    const chain = history.authChain(omitMembers ? [...state, join] : state).filter((event) => event !== join);
    history.newest = join;
    const servers = [...new Set(all.flatMap(({ key }) => key?.split('|')[1]?.match(/:(.*)/)?.[1] ?? []))];
    const partial = omitMembers
      ? `"members_omitted":true,"servers_in_room":${JSON.stringify(servers)},`
      : '"members_omitted":false,';
    return `{"origin":"${this.#name}",${partial}"state":${listOf(state)},"auth_chain":${listOf(chain)},"event":${text}}`;
  }

  #pdus(events: readonly MadeEvent[]): Answer {
    return {
      status: 200,
      body: `{"origin":"${this.#name}","origin_server_ts":${Date.now()},"pdus":${listOf(events)}}`,
    };
  }

  /** Sends events to a server, one transaction after the other. */
  async #send({ to, port }: { to: string; port: number }, events: readonly MadeEvent[]): Promise<void> {
    for (let at = 0; at < events.length; at += pdusOfTransaction) {
      const pdus = listOf(events.slice(at, at + pdusOfTransaction));
      const body = `{"origin":"${this.#name}","origin_server_ts":${Date.now()},"pdus":${pdus}}`;
      await this.#put(to, port, `/_matrix/federation/v1/send/t${++this.#transactions}`, body);
    }
  }

  async #put(destination: string, port: number, path: string, body: string): Promise<void> {
    const origin = this.#name;
    const key = this.#keys.of(origin);
    const signed = { method: 'PUT', uri: path, origin, destination, content: JSON.parse(body) as JsonObject };
    const authorization = `X-Matrix origin="${origin}",destination="${destination}",key="${key.keyId}",sig="${key.sign(canonicalJson(signed))}"`;
    const headers = { authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    await new Promise<void>((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port, method: 'PUT', path, headers }, (answer) => {
        let text = '';
        answer.on('data', (piece) => (text += piece));
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode} ${text}`)),
        );
      });
      outgoing.on('error', reject).end(body);
    });
  }
}

function idOf({ eventId }: MadeEvent): string {
  return eventId;
}

function listOf(events: readonly MadeEvent[]): string {
  return `[${events.map(({ text }) => text).join(',')}]`;
}

function ok(body: JsonObject): Answer {
  return { status: 200, body: JSON.stringify(body) };
}

/** Each server has an address of its own, and all the same port. */
function serverAt({ socket }: IncomingMessage): string {
  return `${socket.localAddress?.replace('::ffff:', '')}:${socket.localPort}`;
}

/** Serves, and does what the parent process says, until that is gone. */
export async function runResident(): Promise<void> {
  const resident = new Resident();
  process.on('message', (order: ResidentOrder) => {
    void resident.obey(order).then(
      (reply) => process.send?.(reply),
      (error: Error) => process.send?.({ error: error.message }),
    );
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ name: await resident.listen() });
}
