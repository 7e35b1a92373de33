/**
 * A plugin for Fastify.
 *
 * @module stytch-m2m/fastify
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import * as rule from './arguments';
import { bearer, isRefusal, VERIFIER_RULES } from './bearer';
import type { RouteArguments, VerifierSettings } from './bearer';
import type { TokenClaims } from './records';

export type { RouteArguments, VerifierSettings } from './bearer';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the access token says, behind `requireToken`. */
    auth: TokenClaims | null;
  }
  interface FastifyInstance {
    /**
     * A hook (`onRequest` or `preHandler`) that lets requests pass whose `Authorization` header has a
     * good token, with its claims in `request.auth`. Others get 401, 403, or 503 while the keys cannot
     * be had (RFC 6750, section 3).
     */
    requireToken(args?: RouteArguments): TokenHook;
  }
}

/** A Fastify hook. */
export type TokenHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** With what Fastify takes at every registration, and its autoloader gives. */
interface Registration extends VerifierSettings {
  prefix?: string;
  logLevel?: string;
  logSerializers?: object;
}

/** Adds `fastify.requireToken` and `request.auth`. */
async function plugin(fastify: FastifyInstance, settings: VerifierSettings): Promise<void> {
  const { prefix: _, logLevel: __, logSerializers: ___, ...own } = settings as Registration;
  const verifier = rule.take<VerifierSettings>(own, VERIFIER_RULES);
  fastify.decorateRequest('auth', null);
  fastify.decorate('requireToken', (args: RouteArguments = {}): TokenHook => {
    const decide = bearer(verifier, args);
    return async (request, reply) => {
      const outcome = await decide({ headers: request.headers, rawHeaders: request.raw.rawHeaders });
      if (isRefusal(outcome)) {
        return reply.code(outcome.status).headers(outcome.headers).send(outcome.body);
      }
      request.auth = outcome;
    };
  });
}

// What `fastify-plugin` does: the decorations are for the scope that registers it.
Object.assign(plugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'stytch-m2m',
  [Symbol.for('plugin-meta')]: { name: 'stytch-m2m', fastify: '5.x' },
});

export { plugin as stytchM2M };

/**
 * This is CommonJS without a default export. Bundlers go by the marker, and so do types: a default
 * import, which would be undefined there, does not compile.
 *
 * @hidden
 */
export declare const __esModule: true;
