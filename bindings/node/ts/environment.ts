// The settings that the environment has.

import { isMainThread } from 'node:worker_threads';

const VARIABLES = {
  project_id: 'STYTCH_PROJECT_ID',
  secret: 'STYTCH_SECRET',
  base_url: 'STYTCH_BASE_URL',
} as const;

/**
 * The settings that the environment has; an empty variable counts as not set. Read here and not in the
 * core, because a worker thread has an environment of its own.
 */
export function environment<Name extends keyof typeof VARIABLES>(
  ...names: Name[]
): Partial<Record<Name, string>> {
  const settings: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = process.env[VARIABLES[name]];
    if (value) settings[name] = value;
  }
  return settings;
}

/** The environment of a worker thread, of which the core sees only the process's. */
export function variables(): Record<string, string> | undefined {
  if (isMainThread) return undefined;
  const own = Object.entries(process.env).filter(([name, value]) => name.startsWith('STYTCH_') && value);
  return Object.fromEntries(own) as Record<string, string>;
}
