/**
 * An emulator of Stytch's M2M API, for tests.
 *
 * @module stytch-m2m/testing
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import * as rule from './arguments';
import { invalidConfig } from './errors';
import type {
  Credentials,
  Fault,
  IssueTokenArguments,
  LoggedRequest,
  Operation,
  RateLimit,
  Seed,
  TokenSettings,
} from './emulator';

export type * from './emulator';

/** How to start an {@link Emulator}. */
export interface EmulatorSettings {
  /** A test project's id. Default: a new one. */
  project_id?: string | undefined;
  /** The project's secret. Default: a new one. */
  secret?: string | undefined;
  /** The clients, tokens and tenant to start with. */
  seed?: Seed | undefined;
  /**
   * The program. Default: what `STYTCH_M2M_EMULATOR` names, else that of the package `stytch-m2m-emulator`,
   * else `stytch-m2m-emulator` on the search path.
   */
  program?: string | undefined;
}

const RULES: rule.Rules<EmulatorSettings> = {
  project_id: rule.text,
  secret: rule.text,
  seed: rule.object,
  program: rule.text,
};
const VARIABLES = ['STYTCH_PROJECT_ID', 'STYTCH_SECRET', 'STYTCH_BASE_URL'] as const;
const PROGRAM = 'stytch-m2m-emulator';
const GET_IT =
  'install it with `npm install --save-dev stytch-m2m-emulator`, or from a checkout with `cargo install --path emulator`; or name ' +
  'it in STYTCH_M2M_EMULATOR';

/** The settings with which a program reaches an emulator, as environment variables. */
export type EmulatorEnvironment = Record<
  'STYTCH_PROJECT_ID' | 'STYTCH_SECRET' | 'STYTCH_BASE_URL',
  string
>;

/** What `new Client()` takes to reach an emulator. */
export interface ProjectSettings {
  /** The project's id. */
  project_id: string;
  /** The project's secret. */
  secret: string;
  /** The API's address. */
  base_url: string;
}

/**
 * Stytch's M2M API on loopback: a real server with real keys, in a process of its own, which ends with
 * this one at the latest. `emulator.settings` are what `new Client()` takes.
 */
export class Emulator {
  /** The project's id. */
  readonly project_id: string;
  /** The API's address. */
  readonly base_url: string;
  readonly #secret: string;
  readonly #process: ChildProcess;

  private constructor(env: EmulatorEnvironment, child: ChildProcess) {
    this.project_id = env.STYTCH_PROJECT_ID;
    this.base_url = env.STYTCH_BASE_URL;
    this.#secret = env.STYTCH_SECRET;
    this.#process = child;
  }

  /** Starts one, on a free port. */
  static async start(settings: EmulatorSettings = {}): Promise<Emulator> {
    rule.atMost(arguments.length);
    const { seed, ...given } = rule.take(settings, RULES);
    const child = launch(given);
    const emulator = new Emulator(await announced(child), child);
    if (seed) await emulator.load(seed);
    return emulator;
  }

  /** The project's secret. */
  get secret(): string {
    return this.#secret;
  }

  /** What `new Client()` takes. */
  get settings(): ProjectSettings {
    return { project_id: this.project_id, secret: this.#secret, base_url: this.base_url };
  }

  /** What a program takes from its environment. */
  get env(): EmulatorEnvironment {
    return {
      STYTCH_PROJECT_ID: this.project_id,
      STYTCH_SECRET: this.#secret,
      STYTCH_BASE_URL: this.base_url,
    };
  }

  /** A token without asking for a secret: right, or wrong in any way. */
  async issueToken(args: IssueTokenArguments): Promise<string> {
    rule.atMost(arguments.length);
    const { access_token } = await this.#call<{ access_token: string }>('POST', 'tokens', args);
    return access_token;
  }

  /** The token endpoint's new settings; missing ones get their default. */
  async setTokenSettings(settings: TokenSettings): Promise<void> {
    rule.atMost(arguments.length);
    await this.#call('PUT', 'token-settings', settings);
  }

  /** Breaks an endpoint: once, so many times, or for so long. */
  async addFault(fault: Fault): Promise<void> {
    rule.atMost(arguments.length);
    await this.#call('POST', 'faults', fault);
  }

  /** Takes all faults away. */
  async clearFaults(): Promise<void> {
    rule.atMost(arguments.length, 0);
    await this.#call('DELETE', 'faults');
  }

  /** Answers 429 to what exceeds this rate, at each endpoint; `null` lifts the limit. */
  async setRateLimit(limit: RateLimit | null): Promise<void> {
    rule.atMost(arguments.length);
    if (limit === null) await this.#call('DELETE', 'rate-limit');
    else await this.#call('PUT', 'rate-limit', limit);
  }

  /** Requests by operation (`token`, `jwks`, `create`, ...), since the start or a reset. */
  counts(): Promise<Record<Operation, number>> {
    rule.atMost(arguments.length, 0);
    return this.#call('GET', 'counts');
  }

  /** Token requests that named this client. */
  async tokenRequests(args: { client_id: string }): Promise<number> {
    rule.atMost(arguments.length);
    const query = new URLSearchParams(args);
    return (await this.#call<{ token: number }>('GET', `counts?${query}`)).token;
  }

  /** The requests that came in, the oldest first, without headers and bodies. */
  async requests(args: { operation?: Operation; client_id?: string } = {}): Promise<LoggedRequest[]> {
    rule.atMost(arguments.length);
    const query = new URLSearchParams(args);
    const { requests } = await this.#call<{ requests: LoggedRequest[] }>('GET', `requests?${query}`);
    return requests;
  }

  /** Signs with a new key from now on; the old ones are still served. */
  async rotateKeys(): Promise<void> {
    rule.atMost(arguments.length, 0);
    await this.#call('POST', 'keys/rotate');
  }

  /** Serves the current key alone: tokens of the old ones no longer verify. */
  async retireKeys(): Promise<void> {
    rule.atMost(arguments.length, 0);
    await this.#call('POST', 'keys/retire');
  }

  /** What it takes to use the organization-scoped API and Auth0's. */
  credentials(): Promise<Credentials> {
    rule.atMost(arguments.length, 0);
    return this.#call('GET', 'credentials');
  }

  /** Starts over with this seed. */
  async load(seed: Seed): Promise<void> {
    rule.atMost(arguments.length);
    await this.#call('PUT', 'seed', seed);
  }

  /** Starts over with the same seed; project, secret and signing keys stay. */
  async reset(): Promise<void> {
    rule.atMost(arguments.length, 0);
    await this.#call('POST', 'reset');
  }

  /** Stops it. A second time is no error. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.ref();
    child.stdin?.end();
    await exited;
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.base_url}/_emulator/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = (text === '' ? undefined : JSON.parse(text)) as T & { error_message?: string };
    if (response.ok) return answer;
    throw invalidConfig('emulator', `the emulator refused ${path}: ${answer?.error_message}`);
  }
}

/** A test runner's hooks: `node:test`, vitest's exports, or jest's globals. */
export interface Hooks {
  /** Before the first test. */
  readonly before?: Hook;
  /** The same by jest's and vitest's name. */
  readonly beforeAll?: Hook;
  /** Before each test. */
  readonly beforeEach: Hook;
  /** After the last test. */
  readonly after?: Hook;
  /** The same by jest's and vitest's name. */
  readonly afterAll?: Hook;
}

/** Registers a function to run at that time. */
export type Hook = (run: () => Promise<void>) => unknown;

/** What {@link useEmulator} takes. */
export interface UseEmulatorSettings extends EmulatorSettings {
  /**
   * How long one lasts. `session`: for all tests, and before each it starts over with its seed. `function`:
   * a new one for each test, with a project and keys of its own. Default: `session`.
   */
  scope?: 'session' | 'function' | undefined;
}

const USE_RULES: rule.Rules<UseEmulatorSettings> = {
  ...RULES,
  scope: {
    must: 'be `session` or `function`',
    holds: (value) => value === 'session' || value === 'function',
  },
};

/**
 * An emulator for the tests of a file or of a `describe`: `const emulator = useEmulator(require('node:test'))`,
 * and in a test `emulator().settings`. It starts, starts over and stops by the runner's hooks.
 *
 * @returns What tells the emulator of the running test.
 */
export function useEmulator(hooks: Hooks, settings: UseEmulatorSettings = {}): () => Emulator {
  rule.atMost(arguments.length, 2);
  const { scope = 'session', ...own } = rule.take(settings, USE_RULES);
  const { beforeEach } = hooks;
  const before = hooks.before ?? hooks.beforeAll;
  const after = hooks.after ?? hooks.afterAll;
  if (!before || !beforeEach || !after) {
    throw invalidConfig('hooks', 'hooks must have before or beforeAll, beforeEach, and after or afterAll');
  }
  let running: Emulator | undefined;
  const start = async () => {
    await running?.stop();
    running = await Emulator.start(own);
  };
  if (scope === 'session') before(start);
  beforeEach(scope === 'session' ? async () => running?.reset() : start);
  after(async () => running?.stop());
  return () => {
    if (!running) throw invalidConfig('emulator', 'there is no emulator yet: ask for it in a test');
    return running;
  };
}

function launch({ program, project_id, secret }: Omit<EmulatorSettings, 'seed'>): ChildProcess {
  const { STYTCH_M2M_EMULATOR, ...env } = process.env;
  // What is there for the programs under test is not for the emulator.
  for (const name of Object.keys(env)) if (name.startsWith('STYTCH_')) delete env[name];
  if (project_id !== undefined) env['STYTCH_EMULATOR_PROJECT_ID'] = project_id;
  if (secret !== undefined) env['STYTCH_EMULATOR_SECRET'] = secret;
  const path = program ?? (STYTCH_M2M_EMULATOR || packaged() || PROGRAM);
  return spawn(path, ['--exit-with-stdin'], { env, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** The program of the package of its name, if that is installed. */
function packaged(): string | undefined {
  let entry: string;
  try {
    // Where this package is a link into a checkout, the application has the other one.
    entry = require.resolve(PROGRAM, { paths: [__dirname, process.cwd()] });
  } catch {
    return undefined;
  }
  return (require(entry) as { program: string }).program;
}

/** The settings that the program prints when it is ready. */
async function announced(child: ChildProcess): Promise<EmulatorEnvironment> {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw invalidConfig('program', `the emulator does not start: ${GET_IT}`);
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const failed = once(child, 'error').then(([error]: Error[]) => {
    throw invalidConfig('program', `the emulator does not start (${error?.message}): ${GET_IT}`);
  });
  const settings = new Map<string, string>();
  const read = async () => {
    for await (const line of createInterface({ input: stdout })) {
      const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
      settings.set(name, value);
      if (settings.size === VARIABLES.length) break;
    }
  };
  failed.catch(() => undefined);
  await Promise.race([read(), failed]);
  if (!VARIABLES.every((name) => settings.has(name))) {
    await Promise.race([once(child, 'close'), failed]);
    throw invalidConfig('program', `the emulator does not start: ${said.trim()}`);
  }
  // It lives as long as this process, and does not keep it alive.
  child.unref();
  for (const stream of [stdin, stdout, stderr]) (stream as unknown as { unref(): void }).unref();
  return Object.fromEntries(settings) as EmulatorEnvironment;
}

/**
 * This is CommonJS without a default export. Bundlers go by the marker, and so do types: a default
 * import, which would be undefined there, does not compile.
 *
 * @hidden
 */
export declare const __esModule: true;
