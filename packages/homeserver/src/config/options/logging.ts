import { section } from '../option.ts';

export const loggingOptions = section('Logging', '', [['log_config', 'string or null', null, '']]);
