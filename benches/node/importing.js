// What it costs to import this package and the official client, over node alone.

import { spawnSync } from 'node:child_process';
import { emit, median, OURS } from './measure.js';

const ROUNDS = 15;
const PROGRAMS = { bare: '', [OURS]: "require('stytch-m2m');", stytch: "require('stytch');" };
// Not `process.resourceUsage()`: that counts this process, before its exec, too.
const PEAK = "console.log(require('fs').readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\\s*(\\d+)/)[1])";

export function importing() {
  const runs = Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, program] of Object.entries(PROGRAMS)) runs[name].push(run(program));
  }
  const over = (name, unit) => {
    const middle = (who) => median(runs[who].map((one) => one[unit]));
    return middle(name) - middle('bare');
  };
  for (const name of [OURS, 'stytch']) {
    for (const unit of ['milliseconds', 'megabytes']) emit('import', name, unit, over(name, unit));
  }
}

function run(program) {
  const start = process.hrtime.bigint();
  const { stdout } = spawnSync(process.execPath, ['-e', program + PEAK], { cwd: import.meta.dirname });
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  return { milliseconds, megabytes: Number(stdout) / 1024 };
}
