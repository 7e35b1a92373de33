// Node beside its peers, in one run: see `benches/README.md`.

import { readFileSync } from 'node:fs';
import { calls } from './calls.js';
import { importing } from './importing.js';
import { startRaw } from './measure.js';
import { verification } from './verify.js';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const { 'stytch-m2m': _, ...peers } = dependencies;
console.log(JSON.stringify({ versions: { Node: process.versions.node, ...peers } }));
importing();
await calls();
const raw = await startRaw();
await verification(raw);
raw.end();
