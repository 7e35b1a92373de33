import { spawnSync } from 'node:child_process';

const ROUNDS = 15;
const PROGRAMS = {
  'node alone': '0',
  "import 'stytch-m2m'": "require('stytch-m2m')",
  "import 'stytch'": "require('stytch')",
};

/** How long programs take that only import, and how much memory; what node itself takes is taken off. */
export function importing() {
  const seen = Object.entries(PROGRAMS).map(([name, program]) => ({ name, program, runs: [] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { program, runs } of seen) {
      const source = `${program}; console.log(process.resourceUsage().maxRSS)`;
      const start = process.hrtime.bigint();
      const { stdout } = spawnSync(process.execPath, ['-e', source], { cwd: import.meta.dirname });
      const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
      runs.push({ milliseconds, megabytes: Number(stdout) / 1024 });
    }
  }
  const figures = seen.map(({ name, runs }) => ({
    name,
    milliseconds: median(runs.map((run) => run.milliseconds)),
    megabytes: median(runs.map((run) => run.megabytes)),
  }));
  const [bare, ...others] = figures;
  return [bare, ...others.map((one) => ({
    name: `${one.name}, more than that`,
    milliseconds: one.milliseconds - bare.milliseconds,
    megabytes: one.megabytes - bare.megabytes,
  }))];
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
