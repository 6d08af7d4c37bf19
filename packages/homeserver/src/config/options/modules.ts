import { section } from '../option.ts';

export const modulesOptions = section('Modules', '', [
  ['modules', 'list', [], "Modules. Python modules can't be loaded."],
  ['modules[].module', 'string', undefined, "The module's class."],
  ['modules[].config', 'map', undefined, 'What it is given.'],
]);
