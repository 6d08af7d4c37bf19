export { exitCode } from './exit.ts';
export { main } from './main.ts';
