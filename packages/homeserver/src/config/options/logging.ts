import { section } from '../option.ts';

export const loggingOptions = section('Logging', '', [
  [
    'log_config',
    'string or null',
    null,
    "File with Python's logging configuration; levels, files, rotation, JSON or text are taken from it.",
  ],
  ['no_redirect_stdio', 'boolean', false, 'Leave standard output and error alone; they always are.'],
]);
