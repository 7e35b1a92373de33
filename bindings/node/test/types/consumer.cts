// Compiled strictly, as CommonJS.

import stytch = require('stytch-m2m');

const client = new stytch.Client();

export async function scopes(access_token: string): Promise<string[]> {
  const response = await client.m2m.authenticateToken({ access_token });
  return response.scopes;
}
