import {
  deletePushRule,
  getNotifications,
  getPushers,
  getPushRule,
  getPushRuleActions,
  getPushRules,
  getPushRulesGlobal,
  getPushRulesOfKind,
  isPushRuleEnabled,
  postPusher,
  setPushRule,
  setPushRuleActions,
  setPushRuleEnabled,
} from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { deletePushRuleHandler } from './handlers/delete-push-rule.ts';
import { getNotificationsHandler } from './handlers/get-notifications.ts';
import { getPushRuleActionsHandler } from './handlers/get-push-rule-actions.ts';
import { getPushRuleHandler } from './handlers/get-push-rule.ts';
import { getPushRulesGlobalHandler } from './handlers/get-push-rules-global.ts';
import { getPushRulesOfKindHandler } from './handlers/get-push-rules-of-kind.ts';
import { getPushRulesHandler } from './handlers/get-push-rules.ts';
import { getPushersHandler } from './handlers/get-pushers.ts';
import { isPushRuleEnabledHandler } from './handlers/is-push-rule-enabled.ts';
import { postPusherHandler } from './handlers/post-pusher.ts';
import { setPushRuleActionsHandler } from './handlers/set-push-rule-actions.ts';
import { setPushRuleEnabledHandler } from './handlers/set-push-rule-enabled.ts';
import { setPushRuleHandler } from './handlers/set-push-rule.ts';
import type { Notifications } from './notifications.ts';
import type { PushRules } from './push-rules.ts';
import type { Pushers } from './pushers.ts';

export function pushRulesRoutes(rules: PushRules, pushers: Pushers, notifications: Notifications): Route[] {
  return [
    route(getPushRules, getPushRulesHandler(rules)),
    route(getPushRulesGlobal, getPushRulesGlobalHandler(rules)),
    route(getPushRulesOfKind, getPushRulesOfKindHandler(rules)),
    route(getPushRule, getPushRuleHandler(rules)),
    route(setPushRule, setPushRuleHandler(rules)),
    route(deletePushRule, deletePushRuleHandler(rules)),
    route(getPushRuleActions, getPushRuleActionsHandler(rules)),
    route(setPushRuleActions, setPushRuleActionsHandler(rules)),
    route(isPushRuleEnabled, isPushRuleEnabledHandler(rules)),
    route(setPushRuleEnabled, setPushRuleEnabledHandler(rules)),
    route(getPushers, getPushersHandler(pushers)),
    route(postPusher, postPusherHandler(pushers)),
    route(getNotifications, getNotificationsHandler(notifications)),
  ];
}
