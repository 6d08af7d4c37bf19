import type { changePassword } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Reauthentication } from '../../user-interactive-auth/index.ts';
import type { PasswordChange } from '../password-change.ts';
import { requireUser } from '../require-user.ts';

export function changePasswordHandler(
  passwords: PasswordChange,
  reauthentication: Reauthentication,
): Handler<typeof changePassword> {
  return async ({ body, optionalRequester, request }) => {
    const requester = requireUser(optionalRequester);
    const password = body.new_password;
    passwords.check(password);
    await reauthentication.require(requester, { operation: 'changePassword', body, ip: request.ip });
    await passwords.change(requester, password, body.logout_devices ?? true);
    return {};
  };
}
