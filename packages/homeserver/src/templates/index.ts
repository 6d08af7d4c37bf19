export { compileTemplate, TemplateError, type Template } from './template.ts';
