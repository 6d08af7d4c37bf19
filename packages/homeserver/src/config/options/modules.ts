import { section } from '../option.ts';

export const modulesOptions = section('Modules', '', [
  ['modules', 'list', [], ''],
  ['modules[].module', 'string', undefined, ''],
  ['modules[].config', 'map', undefined, ''],
]);
