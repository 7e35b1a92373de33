/**
 * A guard for NestJS, on Express or Fastify.
 *
 * @module stytch-m2m/nest
 */

import type { CanActivate, ExecutionContext, HttpException } from '@nestjs/common';

import { createRequire } from 'node:module';
import { sep } from 'node:path';

import * as rule from './arguments';
import { bearer, isRefusal, PROPERTY, ROUTE_RULES, takeGuard, VERIFIER_RULES } from './bearer';
import type { Bearer, IncomingRequest, RouteArguments, VerifierSettings } from './bearer';
import type { Refusal } from './errors';

export type { OnRefused, RouteArguments, VerifierSettings } from './bearer';

/** What a {@link TokenGuard} takes. */
export interface TokenGuardArguments extends VerifierSettings, RouteArguments {}

interface Request extends IncomingRequest {
  /** Fastify's. */
  raw?: IncomingRequest;
}

interface Response {
  header(name: string, value: string): unknown;
}

type HttpExceptionClass = new (body: object, status: number) => HttpException;

/**
 * Lets requests pass whose `Authorization` header has a good token, with its claims in `request.m2mClaims`:
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
  readonly #property: string;

  constructor(args: TokenGuardArguments) {
    rule.atMost(arguments.length);
    const { verifier, onRefused, property = PROPERTY, ...route } = takeGuard<TokenGuardArguments>(args, {
      ...VERIFIER_RULES,
      ...ROUTE_RULES,
    });
    this.#decide = bearer({ verifier, onRefused } as VerifierSettings, route);
    this.#property = property;
    this.#exception = applicationsNest().HttpException;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = requestOf(context) ?? {};
    const { headers, rawHeaders = request.raw?.rawHeaders, params } = request;
    const outcome = await this.#decide({ headers, rawHeaders, params }, request);
    if (isRefusal(outcome)) throw this.#refused(outcome, context);
    Object.assign(request, { [this.#property]: outcome });
    return true;
  }

  /** Nest's exception, which its filters answer with. They set no headers. */
  #refused({ status, headers, body }: Refusal, context: ExecutionContext): HttpException {
    if (context.getType() === 'http') {
      const response = context.switchToHttp().getResponse<Response>();
      for (const [name, value] of Object.entries(headers)) response.header(name, value);
    }
    const { error } = JSON.parse(body) as { error: string };
    // The message is for GraphQL, which sends it. The others make it what Nest answers by its status even
    // where this package does not find the application's copy of Nest.
    const exception = new this.#exception({ error }, status);
    return Object.assign(exception, { message: error, statusCode: status, expose: true });
  }
}

/**
 * The application's copy, whose exception filters look for its own class: the one that this package
 * finds, except where it is a link into a checkout, which has a copy of its own.
 */
function applicationsNest(): { HttpException: HttpExceptionClass } {
  const name = '@nestjs/common';
  const isLinked = !__dirname.split(sep).includes('node_modules');
  const program = process.argv[1];
  if (isLinked && program !== undefined) {
    try {
      return createRequire(program)(name) as { HttpException: HttpExceptionClass };
    } catch {
      // Started by a program that lies elsewhere, such as a test runner.
    }
  }
  return require('@nestjs/common') as { HttpException: HttpExceptionClass };
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
