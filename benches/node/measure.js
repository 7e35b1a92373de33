// Interleaved rounds, their medians, and the lines that `cargo xtask bench` reads.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export const OURS = 'stytch-m2m';

export function file(name) {
  return readFileSync(`${process.env.BENCH_DATA}/${name}`, 'utf8');
}

export function emit(work, who, unit, figure) {
  console.log(JSON.stringify({ work, who, [unit]: figure }));
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/**
 * The bare signature check, in a process of its own: the microseconds of one of so many, of messages as long
 * as those of a file.
 */
export async function startRaw() {
  const child = spawn(process.env.BENCH_RAW, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child, 'spawn');
  const lines = createInterface({ input: child.stdout });
  const of = (tokens) => ({
    async microseconds(checks) {
      child.stdin.write(`${checks} ${tokens}\n`);
      const [line] = await once(lines, 'line');
      return Number(line);
    },
  });
  return { ...of('tokens.txt'), of, end: () => child.stdin.end() };
}

/** Each does a round of `units` in turn; the first ones warm up and do not count. */
export async function measure(work, units, contenders, { rounds, raw }) {
  const warmUp = Math.ceil(rounds / 5);
  const bare = [];
  const taken = Object.fromEntries(Object.keys(contenders).map((who) => [who, []]));
  for (let round = -warmUp; round < rounds; round += 1) {
    if (raw) bare.push(await raw.microseconds(units));
    for (const [who, contender] of Object.entries(contenders)) {
      const start = process.hrtime.bigint();
      await contender(round + warmUp);
      taken[who].push(Number(process.hrtime.bigint() - start) / 1000 / units);
    }
  }
  if (raw) emit(work, 'raw', 'microseconds', median(bare.slice(warmUp)));
  for (const [who, times] of Object.entries(taken)) {
    emit(work, who, 'microseconds', median(times.slice(warmUp)));
  }
}
