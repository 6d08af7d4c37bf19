import { MatrixError, type setProfileField } from '@myelin/api';
import { getOwn, type JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { ProfileEditor } from '../profile-editor.ts';
import { checkFieldName } from '../profile-fields.ts';

export function setProfileFieldHandler(editor: ProfileEditor): Handler<typeof setProfileField> {
  return async ({ params, body, requester }) => {
    checkFieldName(params.keyName);
    const value = getOwn(body as JsonObject, params.keyName);
    if (value === undefined) throw new MatrixError('M_MISSING_PARAM', `Missing key '${params.keyName}'`);
    await editor.set(requester, params.userId, params.keyName, value);
    return {};
  };
}
