/**
 * A guard for NestJS, on Express or Fastify.
 *
 * @module stytch-m2m/nest
 */

import type { CanActivate, ExecutionContext } from '@nestjs/common';

import * as rule from './arguments';
import { bearer, isRefusal, ROUTE_RULES, VERIFIER_RULES } from './bearer';
import type { Bearer, Refusal, RouteArguments, VerifierSettings } from './bearer';
import type { TokenClaims } from './records';

/** What a {@link TokenGuard} takes. */
export interface TokenGuardArguments extends VerifierSettings, RouteArguments {}

interface Request {
  headers: { authorization?: string };
  auth?: TokenClaims;
}

interface Response {
  header(name: string, value: string): unknown;
}

/** What Nest answers with `statusCode` and `message`, with no need of its own exception classes. */
class RefusedError extends Error {
  readonly statusCode: number;

  constructor({ status, body }: Refusal) {
    super(body.error);
    this.statusCode = status;
  }
}

/**
 * Lets requests pass whose `Authorization` header has a good token, with its claims in `request.auth`:
 * `@UseGuards(new TokenGuard({ verifier, scopes: ['read:users'] }))`. Others get 401, 403, or 503
 * while the keys cannot be had (RFC 6750, section 3).
 */
export class TokenGuard implements CanActivate {
  readonly #decide: Bearer;

  constructor(args: TokenGuardArguments) {
    const { verifier, ...route } = rule.take<TokenGuardArguments>(args, {
      ...VERIFIER_RULES,
      ...ROUTE_RULES,
    });
    this.#decide = bearer({ verifier }, route);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const outcome = await this.#decide(request.headers.authorization);
    if (isRefusal(outcome)) {
      const response = http.getResponse<Response>();
      for (const [name, value] of Object.entries(outcome.headers)) response.header(name, value);
      throw new RefusedError(outcome);
    }
    request.auth = outcome;
    return true;
  }
}
