import { section } from '../option.ts';

export const pushOptions = section('Push', '', [
  ['push', 'map', undefined, ''],
  ['push.enabled', 'boolean', true, ''],
  ['push.include_content', 'boolean', true, ''],
  ['push.group_unread_count_by_room', 'boolean', true, ''],
  ['push.jitter_delay', 'duration', '0s', ''],
  ['push_rules', 'map', undefined, ''],
  ['push_rules.limits.rule_count', 'integer', 10000, ''],
  ['push_rules.limits.rule_id_length', 'integer', 300, ''],
  ['push_rules.limits.rule_size', 'size', 1024, ''],
]);
