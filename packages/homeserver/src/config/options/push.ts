import { section } from '../option.ts';

export const pushOptions = section('Push notifications', '', [
  ['push', 'map', undefined, 'Push notifications.'],
  ['push.enabled', 'boolean', true, 'Send them.'],
  ['push.include_content', 'boolean', true, 'Include the message in what goes to the push gateways.'],
  ['push.group_unread_count_by_room', 'boolean', true, 'The badge counts rooms, not messages.'],
  ['push.jitter_delay', 'duration', '0s', 'Wait a random time up to this one before sending.'],
  ['push_rules', 'map', undefined, "Limits of users' push rules."],
  ['push_rules.limits.rule_count', 'integer', 10000, 'Rules of one user.'],
  ['push_rules.limits.rule_id_length', 'integer', 300, "Characters in a rule's id."],
  ['push_rules.limits.rule_size', 'size', 1024, 'Size of one rule.'],
]);
