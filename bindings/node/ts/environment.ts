// The settings that the environment has.

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
