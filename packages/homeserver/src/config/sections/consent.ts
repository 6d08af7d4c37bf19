import { optionalPath, type Context } from './context.ts';

export interface ConsentConfig {
  /** The version of the terms that must be agreed to. */
  readonly version: string;
  readonly policyName: string;
  /** Absolute. */
  readonly templateDirectory: string;
  readonly requireAtRegistration: boolean;
  /** The refusal for who hasn't agreed; undefined: they may send. */
  readonly blockEventsError: string | undefined;
}

/** undefined: there are no terms to agree to. */
export function readConsent(context: Context): ConsentConfig | undefined {
  const { values } = context;
  if (values.mapping('user_consent') === undefined) return undefined;
  const templateDirectory = directory(context, 'user_consent.template_dir');
  if (templateDirectory === undefined)
    throw values.fail('user_consent.template_dir', 'is missing: the folder with the terms');
  return {
    version: values.string('user_consent.version'),
    policyName: values.string('user_consent.policy_name'),
    templateDirectory,
    requireAtRegistration: values.boolean('user_consent.require_at_registration'),
    blockEventsError: values.optionalString('user_consent.block_events_error'),
  };
}

export interface TemplatesConfig {
  /** Folders that are searched before the built-in templates, absolute. */
  readonly directories: readonly string[];
}

export function readTemplates(context: Context): TemplatesConfig {
  const names = [
    'templates.custom_template_directory',
    'email.template_dir',
    'sso.template_dir',
    'account_validity.template_dir',
  ];
  return { directories: names.map((name) => directory(context, name)).filter((path) => path !== undefined) };
}

function directory(context: Context, name: string): string | undefined {
  const path = optionalPath(context, name);
  if (path === undefined || context.files.kind(path) === 'directory') return path;
  throw context.values.fail(name, `there is no folder ${path}`);
}
