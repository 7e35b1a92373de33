// A service on the Fetch API, for whatever hands it a `Request`: bun web.mjs; deno serve --allow-all web.mjs
//
// Its settings are STYTCH_PROJECT_ID and, for an emulator or a custom domain, STYTCH_BASE_URL. It needs
// no secret.

import { StytchM2MError, TokenVerifier, tokenFromAuthorizationHeader } from 'stytch-m2m';

const verifier = new TokenVerifier();

// [guard]
/** Answers requests with a good token by `handler`, and refuses the others. The organization may be a function. */
export function requireToken(args, handler) {
  const { organization } = args;
  return async (request, ...context) => {
    let claims;
    const isFunction = typeof organization === 'function';
    const found = isFunction ? { organization: (await organization(request, ...context)) ?? '' } : {};
    try {
      const access_token = tokenFromAuthorizationHeader(request.headers.get('authorization'));
      claims = await verifier.authenticateToken({ access_token, ...args, ...found });
    } catch (error) {
      // What is not about the caller's token is this service's own fault.
      if (!(error instanceof StytchM2MError) || !error.refusal) throw error;
      const { body, status, headers } = error.refusal;
      return new Response(body, { status, headers });
    }
    return handler(request, claims, ...context);
  };
}
// [end]

export const invoices = requireToken({ required_scopes: ['read:invoices'] }, (_request, claims) =>
  Response.json({ caller: claims.client_id, invoices: [{ id: 1, amount: 100 }] }),
);

export default {
  fetch: (request, ...context) =>
    new URL(request.url).pathname === '/invoices'
      ? invoices(request, ...context)
      : new Response('no such page', { status: 404 }),
};
