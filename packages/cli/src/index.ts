export { exitCode } from './exit.ts';
export { main } from './main.ts';
export { createProgram } from './program.ts';
