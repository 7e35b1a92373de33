// What the guards share: the token of a request, its verification, and the answer to a refusal.

import { IncomingMessage } from 'node:http';

import * as rule from './arguments';
import { unwrap } from './call';
import type { M2M } from './client';
import { StytchM2MError, invalidConfig, type Refusal } from './errors';
import { native } from './native';
import type { TokenClaims } from './records';
import * as organization from './required-organization';
import type { OrganizationFrom, RequiredOrganization } from './required-organization';
import type { TokenVerifier } from './verifier';
import { tokenFromAuthorizationHeaders, type AuthenticateTokenArguments, type Authorize } from './verify';

/**
 * Called for each refusal, for example to log it. It cannot change the answer: an exception that it
 * throws becomes a warning.
 */
export type OnRefused<Request = unknown> = (error: StytchM2MError, request: Request) => unknown;

/** Who verifies, and who hears of refusals. */
export interface VerifierSettings<Request = unknown> {
  /** Decides about the tokens: `client.m2m`, or a {@link TokenVerifier}. */
  verifier: Pick<M2M | TokenVerifier, 'authenticateToken'>;
  /**
   * Is called with the reason when a request is refused, before it is answered: the caller is told no
   * more than a code. The error holds no token and no claim's value.
   */
  onRefused?: OnRefused<Request>;
  /** The request's property that gets the claims. Default: `m2mClaims`. */
  property?: string;
}

/**
 * What a route asks of a token. A member that is there and `undefined` is an error: a guard that lost
 * its scopes on the way would let every token in.
 */
export interface RouteArguments<Request = any> {
  /** Scopes that the token must grant; all are required. Default: none. */
  required_scopes?: readonly string[];
  /**
   * The organization that the token must belong to: an id, `ANY_ORGANIZATION`, or where it is in the request. The
   * answer to a token of another organization, or of none, is 403. Default: not checked.
   */
  organization?: RequiredOrganization | OrganizationFrom<Request>;
  /** Refuses tokens this old or older, by `iat`. */
  max_token_age_seconds?: number;
  /**
   * The allowed difference between the clocks, 0 to 300. Default 0; `nbf` and `iat` may always lie
   * 5 seconds ahead.
   */
  clock_tolerance_seconds?: number;
  /** Replaces the scope comparison. Default: none. Only `true` allows. */
  authorize?: Authorize;
}

export const VERIFIER_RULES: rule.Rules<VerifierSettings> = {
  verifier: rule.required({
    must: 'be a TokenVerifier or client.m2m',
    holds: (value) => typeof (value as { authenticateToken?: unknown }).authenticateToken === 'function',
  }),
  onRefused: rule.callback,
  property: {
    must: 'be a name that a request does not have, such as `m2mClaims`',
    holds: (value) =>
      typeof value === 'string' && /^[A-Za-z_$][\w$]*$/.test(value) && !(value in IncomingMessage.prototype),
  },
};
export const ROUTE_RULES: rule.Rules<RouteArguments> = {
  required_scopes: rule.texts,
  organization: organization.ofGuard,
  max_token_age_seconds: rule.count,
  clock_tolerance_seconds: rule.count,
  authorize: rule.callback,
};

/** The parts of a request that are read: Node's own request or a framework's. */
export interface IncomingRequest {
  headers?: Readonly<Record<string, string | string[] | undefined>> | undefined;
  rawHeaders?: readonly string[] | undefined;
  /** Those of the route's path. */
  params?: unknown;
}

/** Decides about a request, of which the framework's own is `shown` to `onRefused`. */
export type Bearer = (request: IncomingRequest, shown?: unknown) => Promise<TokenClaims | Refusal>;

/** The members of a guard's arguments, checked. What is there must be something: see {@link RouteArguments}. */
export function takeGuard<T extends object>(args: unknown, rules: rule.Rules<T>): rule.Given<T> {
  const taken = rule.take<T>(args, rules);
  for (const [name, value] of Object.entries(args as object)) {
    if (value !== undefined && value !== null) continue;
    throw invalidConfig(name, `${name} is there, and is ${value}: give it a value, or leave it out`);
  }
  return taken;
}

/** What decides about a route's requests. Wrong arguments are found here, when the server starts. */
export function bearer(settings: rule.Given<VerifierSettings>, args: RouteArguments): Bearer {
  const { verifier, onRefused } = settings;
  const route = takeGuard(args, ROUTE_RULES);
  const { authorize, organization: from, ...options } = route;
  unwrap(
    native.checkOptions({ ...options, ...organization.known(from), decides_itself: authorize !== undefined }),
  );
  const asked = { ...options, ...(authorize && { authorize }) };
  return async (request, shown = request) => {
    const header = (name: string) => headersOf(request, name.toLowerCase());
    const places = { params: request.params, header, request: shown };
    const expected: Pick<AuthenticateTokenArguments, 'organization'> =
      from === undefined ? {} : { organization: await organization.find(from, places) };
    try {
      const access_token = tokenFromAuthorizationHeaders(header('authorization'));
      return await verifier.authenticateToken({ access_token, ...asked, ...expected });
    } catch (error) {
      // What is not about the caller's token is the application's.
      if (!(error instanceof StytchM2MError) || error.refusal === undefined) throw error;
      if (onRefused) tell(onRefused, error, shown);
      return error.refusal;
    }
  };
}

/** Neither what `onRefused` throws nor how long it takes changes the answer. */
function tell(onRefused: OnRefused, error: StytchM2MError, request: unknown): void {
  const told = async () => onRefused(error, request);
  told().catch((cause: unknown) => {
    const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause;
    process.emitWarning(`onRefused threw ${thrown}`, 'StytchM2MWarning');
  });
}

/** The default of {@link VerifierSettings.property}. */
export const PROPERTY = 'm2mClaims';

export function isRefusal(outcome: TokenClaims | Refusal): outcome is Refusal {
  return 'status' in outcome;
}

/**
 * A request's headers of a name in lower case. Of several, Node's `headers` has the first alone, or joins them. Where
 * there is one, `headers` counts, which an application may have changed.
 */
function headersOf({ headers, rawHeaders = [] }: IncomingRequest, name: string): string[] {
  const isName = (text: string, index: number) => index % 2 === 0 && text.toLowerCase() === name;
  const sent = rawHeaders.flatMap((text, index) => (isName(text, index) ? [rawHeaders[index + 1] ?? ''] : []));
  return sent.length > 1 ? sent : [headers?.[name] ?? []].flat();
}
