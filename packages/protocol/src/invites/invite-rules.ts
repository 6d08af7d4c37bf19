import { parseUserId } from '../identifiers/user-id.ts';
import { getOwn, type JsonObject } from '../json/value.ts';
import { compileGlob } from '../matching/glob.ts';

/** What becomes of an invite: it reaches its user, is refused, or is kept from the user without the inviter learning of it. */
type InviteAnswer = 'allow' | 'block' | 'ignore';

/** What a user wants of the invites of a sender (a user id). */
export type InviteRules = (sender: string) => InviteAnswer;

/** Most patterns of one user that count, all lists together; those that come first. */
const mostPatterns = 1_000;
/** Longer than any user id: such patterns say nothing. */
const longestPattern = 255;

/** In their order: what is said of the user counts before what is said of their server. */
const lists = [
  ['allowed_users', 'allow', 'user'],
  ['ignored_users', 'ignore', 'user'],
  ['blocked_users', 'block', 'user'],
  ['allowed_servers', 'allow', 'server'],
  ['ignored_servers', 'ignore', 'server'],
  ['blocked_servers', 'block', 'server'],
] as const;

/** By the content of `m.invite_permission_config`. Client-Server API §"Invite permission". */
export function inviteRulesOf(content: JsonObject | undefined): InviteRules {
  const answer = content && getOwn(content, 'default_action') === 'block' ? 'block' : 'allow';
  return () => answer;
}

/** By the content of `org.matrix.msc4155.invite_permission_config`: lists of globs (MSC4155). */
export function listedInviteRules(content: JsonObject): InviteRules {
  let left = mostPatterns;
  const rules = lists.flatMap(([name, answer, subject]) => {
    const list = getOwn(content, name);
    if (!Array.isArray(list)) return [];
    const patterns = list
      .slice(0, left)
      .filter((item): item is string => typeof item === 'string' && item !== '' && item.length <= longestPattern);
    left -= patterns.length;
    return [{ answer, subject, globs: patterns.map((pattern) => compileGlob(pattern)) }];
  });
  return (sender) => {
    const names = { user: sender, server: parseUserId(sender)?.serverName ?? '' };
    return rules.find(({ globs, subject }) => globs.some((glob) => glob.matches(names[subject])))?.answer ?? 'allow';
  };
}
