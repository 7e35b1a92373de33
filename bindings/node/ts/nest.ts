/**
 * A guard for NestJS, on Express or Fastify.
 *
 * @module stytch-m2m/nest
 */

import type { CanActivate, ExecutionContext, HttpException } from '@nestjs/common';

import * as rule from './arguments';
import { bearer, isRefusal, ROUTE_RULES, VERIFIER_RULES } from './bearer';
import type { Bearer, IncomingRequest, RouteArguments, VerifierSettings } from './bearer';
import type { Refusal } from './errors';
import type { TokenClaims } from './records';

/** What a {@link TokenGuard} takes. */
export interface TokenGuardArguments extends VerifierSettings, RouteArguments {}

interface Request extends IncomingRequest {
  /** Fastify's. */
  raw?: IncomingRequest;
  auth?: TokenClaims;
}

interface Response {
  header(name: string, value: string): unknown;
}

type HttpExceptionClass = new (body: object, status: number) => HttpException;

/**
 * Lets requests pass whose `Authorization` header has a good token, with its claims in `request.auth`:
 * `@UseGuards(new TokenGuard({ verifier, required_scopes: ['read:users'] }))`. Others get 401, 403, or
 * 503 while the keys cannot be had (RFC 6750, section 3).
 *
 * It guards GraphQL resolvers whose context has the request as `req` or `request`, and gateways of
 * Socket.IO, by the request that opened the connection. Where there is no HTTP request, as for the
 * messages of a microservice, it refuses.
 */
export class TokenGuard implements CanActivate {
  readonly #decide: Bearer;
  readonly #exception: HttpExceptionClass;

  constructor(args: TokenGuardArguments) {
    const { verifier, ...route } = rule.take<TokenGuardArguments>(args, {
      ...VERIFIER_RULES,
      ...ROUTE_RULES,
    });
    this.#decide = bearer({ verifier }, route);
    // The application's, whose exception filters look for its own class.
    const nest = require('@nestjs/common') as { HttpException: HttpExceptionClass };
    this.#exception = nest.HttpException;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = requestOf(context) ?? {};
    const { headers, rawHeaders = request.raw?.rawHeaders } = request;
    const outcome = await this.#decide({ headers, rawHeaders });
    if (isRefusal(outcome)) throw this.#refused(outcome, context);
    request.auth = outcome;
    return true;
  }

  /** Nest's exception, which its filters answer with. They set no headers. */
  #refused({ status, headers, body }: Refusal, context: ExecutionContext): HttpException {
    if (context.getType() === 'http') {
      const response = context.switchToHttp().getResponse<Response>();
      for (const [name, value] of Object.entries(headers)) response.header(name, value);
    }
    const { error } = JSON.parse(body) as { error: string };
    // The message is for GraphQL, which sends it; the status for an application with a copy of Nest that
    // this package does not find.
    const exception = new this.#exception({ error }, status);
    return Object.assign(exception, { message: error, statusCode: status });
  }
}

/** The HTTP request that a call came with, if there is one. */
function requestOf(context: ExecutionContext): Request | undefined {
  const type = context.getType<string>();
  if (type === 'http') return context.switchToHttp().getRequest<Request>();
  // `getContext()` of @nestjs/graphql.
  if (type === 'graphql') return firstRequest(context.getArgByIndex(2), ['req', 'request']);
  if (type === 'ws') return firstRequest(context.switchToWs().getClient(), ['request']);
  return undefined;
}

function firstRequest(owner: unknown, names: string[]): Request | undefined {
  const members = names.map((name) => (owner as Record<string, unknown> | null | undefined)?.[name]);
  const isRequest = (value: unknown) => typeof value === 'object' && value !== null && 'headers' in value;
  return members.find(isRequest) as Request | undefined;
}

/**
 * This is CommonJS without a default export. Bundlers go by the marker, and so do types: a default
 * import, which would be undefined there, does not compile.
 *
 * @hidden
 */
export declare const __esModule: true;
