import { MatrixError } from '@myelin/api';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import {
  compilePushRules,
  deleteRule,
  emptyPushRuleSet,
  PushPrograms,
  pushRuleOf,
  PushRuleError,
  pushRulesetOf,
  putRule,
  setRuleActions,
  setRuleEnabled,
  type JsonObject,
  type PushEvaluator,
  type PushRule,
  type PushRuleKind,
  type PushRuleset,
  type PushRuleSet,
  type RulePosition,
} from '@myelin/protocol';
import { LRUCache } from 'lru-cache';
import type { GlobalDataPort } from '../account-data/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { Streams } from '../streams/index.ts';
import type { PushRuleLimits } from './push-rule-limits.ts';
import { checkNewRule, checkRuleSet } from './push-rule-limits.ts';

/** A user's rules, ready for use. */
export interface ReaderRules {
  readonly ruleSet: PushRuleSet;
  /** Of the last change; 0: they were never changed. */
  readonly position: number;
  readonly evaluate: PushEvaluator;
  /** Whether the user's own rules look for their display name, which the default ones do in bodies without mentions only. */
  readonly looksForDisplayName: boolean;
}

/** The push rules of local users. Client-Server API §"Push Rules". */
export class PushRules implements GlobalDataPort {
  readonly type = 'm.push_rules';
  readonly #database: Database;
  readonly #names: Names;
  readonly #streams: Streams;
  readonly #limits: PushRuleLimits;
  readonly #programs = new PushPrograms();
  readonly #cache: LRUCache<UserNid, ReaderRules>;
  #changes = 0;

  constructor(database: Database, names: Names, streams: Streams, limits: PushRuleLimits, cacheBytes: number) {
    this.#cache = new LRUCache({ maxSize: cacheBytes, sizeCalculation: sizeOf });
    this.#database = database;
    this.#names = names;
    this.#streams = streams;
    this.#limits = limits;
  }

  /** The rules if they are in memory. */
  cached(user: UserNid): ReaderRules | undefined {
    return this.#cache.get(user);
  }

  async of(user: UserNid): Promise<ReaderRules> {
    const cached = this.#cache.get(user);
    if (cached) return cached;
    const before = this.#changes;
    const { ruleSet, position } = await this.#load(user, this.#database.reader);
    const rules: ReaderRules = {
      ruleSet,
      position,
      evaluate: compilePushRules(ruleSet, await this.#names.userId(user), this.#programs),
      looksForDisplayName: looksForDisplayName(ruleSet),
    };
    if (before === this.#changes) this.#cache.set(user, rules);
    return rules;
  }

  /** All rules as clients see them. */
  async shown(user: UserNid): Promise<PushRuleset> {
    return pushRulesetOf((await this.of(user)).ruleSet, await this.#names.userId(user));
  }

  /** Throws M_NOT_FOUND. */
  async one(user: UserNid, kind: PushRuleKind, ruleId: string): Promise<PushRule> {
    const rule = pushRuleOf((await this.of(user)).ruleSet, await this.#names.userId(user), kind, ruleId);
    if (!rule) throw new MatrixError('M_NOT_FOUND', 'The push rule was not found');
    return rule;
  }

  async content(user: UserNid): Promise<string> {
    return JSON.stringify({ global: await this.shown(user) });
  }

  async changed(user: UserNid, since: number, upTo: number): Promise<string | undefined> {
    const { position } = await this.of(user);
    return since === 0 || (position > since && position <= upTo) ? this.content(user) : undefined;
  }

  /** Makes or replaces a rule. Throws MatrixErrors for what isn't a rule, or is too much. */
  async put(user: UserNid, kind: PushRuleKind, ruleId: string, body: JsonObject, place: RulePosition): Promise<void> {
    checkNewRule(this.#limits, ruleId, body);
    await this.#edit(user, (rules) => putRule(rules, kind, ruleId, body, place));
  }

  async delete(user: UserNid, kind: PushRuleKind, ruleId: string): Promise<void> {
    await this.#edit(user, (rules) => deleteRule(rules, kind, ruleId));
  }

  async setEnabled(user: UserNid, kind: PushRuleKind, ruleId: string, enabled: boolean): Promise<void> {
    await this.#edit(user, (rules) => setRuleEnabled(rules, kind, ruleId, enabled));
  }

  async setActions(user: UserNid, kind: PushRuleKind, ruleId: string, body: JsonObject): Promise<void> {
    await this.#edit(user, (rules) => setRuleActions(rules, kind, ruleId, body));
  }

  /** Changes the rules inside a transaction; `edit` giving back what it got changes nothing. */
  async editIn(writer: Writer, user: UserNid, edit: (rules: PushRuleSet) => PushRuleSet): Promise<void> {
    const { ruleSet } = await this.#load(user, writer);
    const edited = checked(() => edit(ruleSet));
    if (edited === ruleSet) return;
    const text = JSON.stringify(edited);
    checkRuleSet(this.#limits, ruleSet, edited, text);
    const position = this.#streams.next(writer, { kind: 'push-rules', users: [user] });
    await writer.run(sql`INSERT INTO push_rule_sets (user_nid, rules, position) VALUES (${user}, ${text}, ${position})
      ON CONFLICT (user_nid) DO UPDATE SET rules = excluded.rules, position = excluded.position`);
    this.#forget(writer, user);
  }

  /** Removes the rules of a user whose account is closed. */
  async removeOfUser(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM push_rule_sets WHERE user_nid = ${user}`);
    this.#forget(writer, user);
  }

  #forget(writer: Writer, user: UserNid): void {
    writer.onDurable(() => {
      this.#changes++;
      this.#cache.delete(user);
    });
  }

  async #edit(user: UserNid, edit: (rules: PushRuleSet) => PushRuleSet): Promise<void> {
    await this.#database.transact((writer) => this.editIn(writer, user, edit));
  }

  async #load(user: UserNid, reader: Reader): Promise<{ ruleSet: PushRuleSet; position: number }> {
    const row = await reader.get<{ rules: string; position: number }>(
      sql`SELECT rules, position FROM push_rule_sets WHERE user_nid = ${user}`,
    );
    return row
      ? { ruleSet: JSON.parse(row.rules) as PushRuleSet, position: row.position }
      : { ruleSet: emptyPushRuleSet, position: 0 };
  }
}

/** Runs an edit; what the protocol refuses becomes an answer. */
function checked<T>(edit: () => T): T {
  try {
    return edit();
  } catch (error) {
    if (error instanceof PushRuleError) throw new MatrixError(error.code, error.message);
    throw error;
  }
}

function looksForDisplayName({ custom }: PushRuleSet): boolean {
  return [custom.override, custom.underride].some((rules) =>
    rules?.some((rule) => rule.conditions?.some((condition) => condition['kind'] === 'contains_display_name')),
  );
}

/** About the rules' JSON, in UTF-16 units. */
function sizeOf({ ruleSet, position }: ReaderRules): number {
  return position === 0 ? 100 : 100 + JSON.stringify(ruleSet).length;
}
