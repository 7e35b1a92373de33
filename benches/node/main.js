// Verification, cached tokens and import of stytch-m2m, beside its peers and the bare signature check.
// All take turns in one run, so that what disturbs one disturbs all; figures are medians of the rounds.
//
//     npm ci --ignore-scripts && npm start

import { importing } from './importing.js';
import { peers } from './peers.js';
import { raw } from './raw.js';
import { service } from './service.js';
import { TokenSource } from 'stytch-m2m';

const ROUNDS = 9;
const TIMES = 2000;
const AT_ONCE = 64;

/** Microseconds that one call took. */
async function time(times, run) {
  const start = process.hrtime.bigint();
  await run(times);
  return Number(process.hrtime.bigint() - start) / 1000 / times;
}

const sequential = (verify, tokens) => async (times) => {
  for (let n = 0; n < times; n += 1) await verify(tokens[n % tokens.length]);
};
const synchronous = (verify, tokens) => (times) => {
  for (let n = 0; n < times; n += 1) verify(tokens[n % tokens.length]);
};
const atOnce = (verify, tokens) => async (times) => {
  for (let n = 0; n < times; n += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, i) => verify(tokens[(n + i) % tokens.length]));
    await Promise.all(some);
  }
};
const SHAPES = { 'one after another': sequential, sync: synchronous, '64 at once': atOnce };

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

const stub = await service();
const tokens = stub.tokens(TIMES);
const check = await raw();
const source = new TokenSource({ ...stub.grant, project_id: stub.project_id, base_url: stub.url });

const work = [{ name: 'raw: AWS-LC, parsed key', run: (times) => check.round(times) }];
for (const { name, shapes, verify } of await peers(stub)) {
  for (const shape of shapes) {
    const run = SHAPES[shape](verify, tokens);
    work.push({ name: `${name}, ${shape}`, run: (times) => time(times, run) });
  }
}
const cached = async (times) => {
  for (let n = 0; n < times; n += 1) await source.getToken();
};
work.push({ name: 'TokenSource.getToken, cached', run: () => time(100 * TIMES, cached) });

const seen = work.map(() => []);
for (let round = -1; round < ROUNDS; round += 1) {
  for (const [index, { run }] of work.entries()) {
    const microseconds = await run(TIMES);
    if (round >= 0) seen[index].push(microseconds); // the first one warms up
  }
}
check.end();
stub.close();

const [bare] = seen.map(median);
console.log(`${'microseconds a call'.padEnd(44)} median      best   x raw`);
for (const [index, { name }] of work.entries()) {
  const middle = median(seen[index]);
  const figures = [middle.toFixed(2), Math.min(...seen[index]).toFixed(2), (middle / bare).toFixed(2)];
  console.log(name.padEnd(42), ...figures.map((figure) => figure.padStart(8)));
}
console.log();
console.log(`${'import'.padEnd(44)}     ms        MB`);
for (const { name, milliseconds, megabytes } of importing()) {
  const figures = [milliseconds, megabytes].map((figure) => figure.toFixed(1).padStart(8));
  console.log(name.padEnd(42), ...figures);
}
