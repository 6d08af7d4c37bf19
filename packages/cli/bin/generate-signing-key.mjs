#!/usr/bin/env node
import { launch } from './launch.mjs';

await launch('generate_signing_key');
