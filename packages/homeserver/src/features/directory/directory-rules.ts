import { compileGlob } from '@myelin/protocol';
import type { DirectoryConfig, DirectoryRule } from '../../config/index.ts';

/** `alias_creation_rules` and `room_list_publication_rules`: the first rule that matches decides. */
export class DirectoryRules {
  readonly #aliases: readonly CompiledRule[];
  readonly #publication: readonly CompiledRule[];

  constructor(config: DirectoryConfig) {
    this.#aliases = config.aliasCreationRules.map(compile);
    this.#publication = config.publicationRules.map(compile);
  }

  mayCreateAlias(userId: string, roomId: string, alias: string): boolean {
    return decide(this.#aliases, userId, roomId, [alias]);
  }

  /** A rule matches if it matches one of the room's aliases; a room without any matches rules for all aliases only. */
  mayPublish(userId: string, roomId: string, aliases: readonly string[]): boolean {
    return decide(this.#publication, userId, roomId, aliases);
  }
}

interface CompiledRule {
  readonly allows: boolean;
  readonly anyAlias: boolean;
  user(userId: string): boolean;
  room(roomId: string): boolean;
  alias(alias: string): boolean;
}

function compile(rule: DirectoryRule): CompiledRule {
  const [user, room, alias] = [compileGlob(rule.userId), compileGlob(rule.roomId), compileGlob(rule.alias)];
  return {
    allows: rule.action === 'allow',
    anyAlias: rule.alias === '*',
    user: (userId) => user.matches(userId),
    room: (roomId) => room.matches(roomId),
    alias: (text) => alias.matches(text),
  };
}

function decide(rules: readonly CompiledRule[], userId: string, roomId: string, aliases: readonly string[]): boolean {
  for (const rule of rules) {
    const aliasMatches = rule.anyAlias || aliases.some((alias) => rule.alias(alias));
    if (aliasMatches && rule.user(userId) && rule.room(roomId)) return rule.allows;
  }
  return false;
}
