import { join } from 'node:path';
import { compileTemplate, TemplateError, type Template } from '../../templates/index.ts';
import { optionalPath, readNamedFile, secret, type Context } from './context.ts';

export interface ConsentConfig {
  /** The version of the terms that must be agreed to. */
  readonly version: string;
  readonly policyName: string;
  /** The pages of `template_dir`, by version; `success` is the one that says thank you. Where one is missing there is a built-in one. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly requireAtRegistration: boolean;
  /** The refusal for who hasn't agreed; undefined: they may send. */
  readonly blockEventsError: string | undefined;
}

/** undefined: there are no terms to agree to. */
export function readConsent(context: Context): ConsentConfig | undefined {
  const { values } = context;
  if (values.mapping('user_consent') === undefined) return undefined;
  const blockEventsError = values.optionalString('user_consent.block_events_error');
  if (blockEventsError !== undefined && !secret(context, 'form_secret')) {
    throw values.fail('form_secret', 'is needed for user_consent.block_events_error: any secret text');
  }
  return {
    version: values.string('user_consent.version'),
    policyName: values.string('user_consent.policy_name'),
    templates: readPages(context),
    requireAtRegistration: values.boolean('user_consent.require_at_registration'),
    blockEventsError,
  };
}

/** The language folder that Synapse has, too. */
const language = 'en';
const mostPages = 200;

function readPages(context: Context): ReadonlyMap<string, Template> {
  const option = 'user_consent.template_dir';
  const folder = directory(context, option);
  const pages = new Map<string, Template>();
  if (folder === undefined || context.files.kind(join(folder, language)) !== 'directory') return pages;
  const names = context.files.list(join(folder, language)).filter((name) => name.endsWith('.html'));
  for (const name of names.slice(0, mostPages)) {
    const path = join(folder, language, name);
    try {
      pages.set(name.slice(0, -'.html'.length), compileTemplate(readNamedFile(context, option, path)));
    } catch (error) {
      if (error instanceof TemplateError) throw context.values.fail(option, `${path}: ${error.message}`);
      throw error;
    }
  }
  return pages;
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
