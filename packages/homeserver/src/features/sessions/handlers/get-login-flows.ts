import type { getLoginFlows } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Login } from '../login.ts';

export function getLoginFlowsHandler(login: Login): Handler<typeof getLoginFlows> {
  return async () => ({ flows: login.flows() });
}
