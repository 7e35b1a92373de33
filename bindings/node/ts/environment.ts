const VARIABLES = {
  project_id: 'STYTCH_PROJECT_ID',
  secret: 'STYTCH_SECRET',
  base_url: 'STYTCH_BASE_URL',
} as const;

/**
 * The settings that the environment has; an empty variable counts as not set. Read here and not in the
 * core, because a worker thread has an environment of its own.
 */
export function environment(...names: (keyof typeof VARIABLES)[]): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[VARIABLES[name]];
    if (value) settings[name] = value;
  }
  return settings;
}
