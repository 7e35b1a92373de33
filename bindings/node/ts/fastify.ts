/**
 * A plugin for Fastify.
 *
 * @module stytch-m2m/fastify
 */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import * as rule from './arguments';
import { bearer, isRefusal, PROPERTY, takeGuard, VERIFIER_RULES } from './bearer';
import type { RouteArguments, VerifierSettings } from './bearer';
import type { TokenClaims } from './records';

export type { OnRefused, RouteArguments, VerifierSettings } from './bearer';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the access token says, behind `requireToken`. */
    m2mClaims: TokenClaims | null;
  }
  interface FastifyInstance {
    /**
     * A hook (`onRequest` or `preHandler`) that lets requests pass whose `Authorization` header has a
     * good token, with its claims in `request.m2mClaims`. Others get 401, 403, or 503 while the keys
     * cannot be had (RFC 6750, section 3).
     */
    requireToken(args?: RouteArguments<FastifyRequest>): TokenHook;
  }
}

/** A Fastify hook. */
export type TokenHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** What the plugin takes. */
export interface PluginSettings extends VerifierSettings<FastifyRequest> {
  /**
   * The name of the instance's `requireToken`: another, with another `property`, for a second
   * verifier in the same application. Default: `requireToken`.
   */
  decorator?: string;
}

const PLUGIN_RULES: rule.Rules<PluginSettings> = { ...VERIFIER_RULES, decorator: rule.text };

/** With what Fastify takes at every registration, and its autoloader gives. */
interface Registration extends PluginSettings {
  prefix?: string;
  logLevel?: string;
  logSerializers?: object;
}

/** Adds `fastify.requireToken` and `request.m2mClaims`. */
async function plugin(fastify: FastifyInstance, settings: PluginSettings): Promise<void> {
  const { prefix: _, logLevel: __, logSerializers: ___, ...own } = settings as Registration;
  const taken = takeGuard<PluginSettings>(own, PLUGIN_RULES);
  const { property = PROPERTY, decorator = 'requireToken', ...verifier } = taken;
  fastify.decorateRequest(property, null);
  fastify.decorate(decorator, function (args: RouteArguments = {}): TokenHook {
    rule.atMost(arguments.length);
    const decide = bearer(verifier as rule.Given<VerifierSettings>, args);
    return async (request, reply) => {
      const { headers, raw, params } = request;
      const outcome = await decide({ headers, rawHeaders: raw.rawHeaders, params }, request);
      if (isRefusal(outcome)) {
        return reply.code(outcome.status).headers(outcome.headers).send(outcome.body);
      }
      Object.assign(request, { [property]: outcome });
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
