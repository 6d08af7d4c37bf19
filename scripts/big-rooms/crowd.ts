import type { JsonObject } from '@myelin/protocol';
import { RoomHistory, type MadeEvent, type ServerKeys } from './room-history.ts';

export interface CrowdOptions {
  readonly members: number;
  /** All events of the room. */
  readonly events: number;
  readonly servers: readonly string[];
  /** So many changes of power levels come on top, one resting on the other. */
  readonly levelChanges: number;
}

/** Two ends of the room's history that disagree. */
export interface Forks {
  readonly first: readonly MadeEvent[];
  readonly second: readonly MadeEvent[];
  /** Follows both. */
  readonly merge: MadeEvent;
}

/** Every so many events something else happens than joins and messages. */
const changeEvery = 8;
const powerChangeEvery = 400;

/** A public room with many members, some of whom have changed their names or left. */
export class Crowd {
  readonly history: RoomHistory;
  readonly #options: CrowdOptions;
  readonly #creator: string;
  readonly #create: MadeEvent;
  readonly #rules: MadeEvent;
  #levels: MadeEvent;
  /** Each user's newest member event. */
  readonly #members = new Map<string, MadeEvent>();

  constructor(roomId: string, keys: ServerKeys, options: CrowdOptions) {
    this.#options = options;
    this.#creator = `@creator:${options.servers[0]}`;
    this.history = new RoomHistory(roomId, keys);
    const sender = this.#creator;
    const content: JsonObject = { room_version: this.history.version.id };
    this.#create = this.history.send({ type: 'm.room.create', sender, stateKey: '', content, auth: [] });
    this.join(sender, [this.#create]);
    this.#levels = this.#create;
    this.changeLevels(0);
    const auth = [this.#create, this.#levels, this.#member(sender)];
    const rules = { join_rule: 'public' };
    this.#rules = this.history.send({ type: 'm.room.join_rules', sender, stateKey: '', content: rules, auth });
    this.history.send(this.#newTopic('old'));
    this.#fill();
    for (let i = 0; i < options.levelChanges; i++) this.changeLevels(i);
  }

  user(index: number): string {
    const { servers } = this.#options;
    return `@user${index}:${servers[index % servers.length]}`;
  }

  /** The members that an event by `user` about themselves or another rests on. */
  authOf(user: string, other?: string): MadeEvent[] {
    const base = [this.#create, this.#levels, this.#member(user)];
    return other === undefined ? base : [...base, this.#member(other)];
  }

  /** What a user's join rests on. */
  get authOfJoin(): MadeEvent[] {
    return [this.#create, this.#levels, this.#rules];
  }

  join(user: string, auth: readonly MadeEvent[] = this.authOfJoin): void {
    const content = { membership: 'join', displayname: user.slice(1, user.indexOf(':')) };
    this.#members.set(user, this.history.send({ type: 'm.room.member', sender: user, stateKey: user, content, auth }));
  }

  changeLevels(turn: number): void {
    const sender = this.#creator;
    const auth = [this.#create, this.#member(sender), ...(this.#levels === this.#create ? [] : [this.#levels])];
    const content = { users: { [sender]: 100 }, events: { 'org.example.turn': turn % 50 } };
    this.#levels = this.history.send({ type: 'm.room.power_levels', sender, stateKey: '', content, auth });
  }

  /** A member takes another name; `prev` as for events of a fork, which doesn't move the room's end. */
  rename(index: number, name: string): MadeEvent {
    const user = this.user(index);
    const event = this.history.send(this.#renaming(user, name));
    this.#members.set(user, event);
    return event;
  }

  /** From the room's end on, the topic changes and `count` members take other names on one side, and these are banned on the other. */
  fork(count: number): Forks {
    const { history } = this;
    const first: MadeEvent[] = [];
    const second: MadeEvent[] = [];
    const root = history.newest as MadeEvent;
    first.push(history.make({ ...this.#newTopic('new'), prev: [root] }));
    for (let i = 0; i < count; i++) {
      const user = this.user(i);
      first.push(history.make({ ...this.#renaming(user, `fork ${i}`), prev: [first.at(-1) as MadeEvent] }));
      const ban = {
        type: 'm.room.member',
        sender: this.#creator,
        stateKey: user,
        content: { membership: 'ban', reason: 'fork' },
        auth: this.authOf(this.#creator, user),
      };
      second.push(history.make({ ...ban, prev: [second.at(-1) ?? root] }));
    }
    const prev = [first.at(-1) as MadeEvent, second.at(-1) as MadeEvent];
    const merge = history.make({ ...this.#message('merged'), prev });
    return { first, second, merge };
  }

  #renaming(user: string, name: string): Parameters<RoomHistory['make']>[0] {
    return {
      type: 'm.room.member',
      sender: user,
      stateKey: user,
      content: { membership: 'join', displayname: name },
      auth: [...this.authOf(user), this.#rules],
    };
  }

  #newTopic(topic: string): Parameters<RoomHistory['make']>[0] {
    const sender = this.#creator;
    return { type: 'm.room.topic', sender, stateKey: '', content: { topic }, auth: this.authOf(sender) };
  }

  #message(body: string): Parameters<RoomHistory['make']>[0] {
    const content = { msgtype: 'm.text', body };
    return { type: 'm.room.message', sender: this.#creator, content, auth: this.authOf(this.#creator) };
  }

  #member(user: string): MadeEvent {
    return this.#members.get(user) as MadeEvent;
  }

  /** Members come in between messages, so that all is there when the room has its number of events. */
  #fill(): void {
    const { members, events } = this.#options;
    let joined = 1;
    for (let made = this.history.events.size; made < events; made = this.history.events.size) {
      const due = Math.ceil((members * made) / (events * 0.98));
      if (made % powerChangeEvery === 0) this.changeLevels(made);
      else if (joined < Math.min(due, members)) this.join(this.user(joined++ - 1));
      else if (made % changeEvery === 0 && joined > 10) this.rename((made * 7) % (joined - 1), `name ${made}`);
      else this.history.send(this.#message(`message ${made}`));
    }
    if (joined !== members) throw new Error(`only ${joined} members`);
  }
}
