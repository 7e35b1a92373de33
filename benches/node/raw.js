import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url));

/** The bare signature check, as a program of its own. */
export async function raw() {
  const stdio = ['pipe', 'pipe', 'inherit'];
  const child = spawn(`${target}/release/stytch-m2m-bench-raw`, { stdio });
  await once(child, 'spawn');
  const lines = createInterface({ input: child.stdout });
  return {
    /** Microseconds that one of so many checks took. */
    async round(times) {
      child.stdin.write(`${times}\n`);
      const [line] = await once(lines, 'line');
      return Number(line);
    },
    end: () => child.stdin.end(),
  };
}
