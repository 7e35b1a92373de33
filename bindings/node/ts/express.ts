/**
 * Middleware for Express, and for all that calls middleware alike (Connect, Polka, Nest).
 *
 * @module stytch-m2m/express
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

import * as rule from './arguments';
import { bearer, isRefusal, PROPERTY, ROUTE_RULES, takeGuard, VERIFIER_RULES } from './bearer';
import type { RouteArguments, VerifierSettings } from './bearer';

export type { OnRefused, RouteArguments, VerifierSettings } from './bearer';
import type { TokenClaims } from './records';

declare global {
  namespace Express {
    interface Request {
      /** What the access token says, behind {@link requireToken}. */
      m2mClaims?: TokenClaims;
    }
  }
}

/** What {@link requireToken} takes. */
export interface RequireTokenArguments<R = IncomingMessage> extends VerifierSettings<R>, RouteArguments {}

/** A middleware. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Lets requests pass whose `Authorization` header has a good token, with its claims in
 * `req.m2mClaims`, or in the property that the argument `property` names. Others get 401, 403, or 503 while the keys cannot be had (RFC 6750, section 3).
 */
export function requireToken(args: RequireTokenArguments): Middleware {
  rule.atMost(arguments.length);
  const { verifier, onRefused, property = PROPERTY, ...route } = takeGuard<RequireTokenArguments>(args, {
    ...VERIFIER_RULES,
    ...ROUTE_RULES,
  });
  const decide = bearer({ verifier, onRefused } as VerifierSettings, route);
  return async (request, response, next) => {
    let outcome;
    try {
      outcome = await decide(request);
    } catch (error) {
      next(error);
      return;
    }
    // Somebody else has answered meanwhile, such as a limit of time.
    if (isRefusal(outcome) && response.headersSent) return;
    if (isRefusal(outcome)) {
      response.writeHead(outcome.status, { ...outcome.headers }).end(outcome.body);
      return;
    }
    Object.assign(request, { [property]: outcome });
    next();
  };
}

/**
 * This is CommonJS without a default export. Bundlers go by the marker, and so do types: a default
 * import, which would be undefined there, does not compile.
 *
 * @hidden
 */
export declare const __esModule: true;
