export { compileTemplate, escapeHtml, TemplateError, type Template, type TemplateValues } from './template.ts';
