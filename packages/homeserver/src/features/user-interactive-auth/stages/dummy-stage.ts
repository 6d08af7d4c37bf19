import type { AuthStage } from '../auth-stage.ts';

/** Client-Server API §"Dummy Auth". */
export const dummyStage: AuthStage = {
  type: 'm.login.dummy',
  complete: async () => true,
};
