import type { deleteProfileField } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { ProfileEditor } from '../profile-editor.ts';

export function deleteProfileFieldHandler(editor: ProfileEditor): Handler<typeof deleteProfileField> {
  return async ({ params, requester }) => {
    await editor.set(requester, params.userId, params.keyName, undefined);
    return {};
  };
}
