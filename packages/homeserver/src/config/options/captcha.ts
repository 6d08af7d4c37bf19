import { section } from '../option.ts';

export const captchaOptions = section('Captcha', '', [
  ['recaptcha_public_key', 'string or null', null, 'Public key of reCAPTCHA.'],
  ['recaptcha_public_key_path', 'string or null', null, 'File that holds it instead.'],
  ['recaptcha_private_key', 'string or null', null, 'Private key of reCAPTCHA.'],
  ['recaptcha_private_key_path', 'string or null', null, 'File that holds it instead.'],
  ['enable_registration_captcha', 'boolean', false, 'Ask for a captcha at registration.'],
  [
    'recaptcha_siteverify_api',
    'string',
    'https://www.recaptcha.net/recaptcha/api/siteverify',
    'Where captchas are checked.',
  ],
]);
