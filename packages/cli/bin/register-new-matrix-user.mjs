#!/usr/bin/env node
import { launch } from './launch.mjs';

await launch('register_new_matrix_user');
