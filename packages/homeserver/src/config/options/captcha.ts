import { section } from '../option.ts';

export const captchaOptions = section('Captcha', '', [
  ['recaptcha_public_key', 'string or null', null, ''],
  ['recaptcha_public_key_path', 'string or null', null, ''],
  ['recaptcha_private_key', 'string or null', null, ''],
  ['recaptcha_private_key_path', 'string or null', null, ''],
  ['enable_registration_captcha', 'boolean', false, ''],
  ['recaptcha_siteverify_api', 'string', 'https://www.recaptcha.net/recaptcha/api/siteverify', ''],
]);
