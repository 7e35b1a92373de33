// Issuers that are not listed: a function decides.

import * as rule from './arguments';
import { causeOf } from './errors';
import { toNativeIssuer, type IssuerConfig } from './issuer';
import type { Native } from './native';

/**
 * Returns the settings of an issuer, or `undefined` if its tokens are not accepted; a promise of them, too.
 * `issuer` is the `iss` of a token that is not verified yet: look it up among those that you know, and never make
 * the address of its keys from an unknown one. The settings must name it among their `issuers`; they are used for it
 * alone.
 */
export type ResolveIssuer = (
  issuer: string,
) => IssuerConfig | null | undefined | Promise<IssuerConfig | null | undefined>;

/** How long answers count. */
export interface ResolverLimits {
  /**
   * How long an issuer is accepted before the function is called again, 1 second to 24 hours. If the answer is then
   * the same, the cached keys stay in use. Default: 600.
   */
  lifetime_seconds?: number | undefined;
  /** How long an issuer is refused before the function is called again, 1 second to 24 hours. Default: 60. */
  negative_lifetime_seconds?: number | undefined;
  /**
   * Maximum number of accepted issuers in the cache, and of refused ones, 1 to 65,536; the least recently used leave
   * first. Default: 1,000.
   */
  max_issuers?: number | undefined;
}

/** Decides by the issuer's name. */
export interface FunctionResolver extends ResolverLimits {
  /** The function. */
  resolve: ResolveIssuer;
}

/** Decides by the tenant's id, for Microsoft Entra ID. */
export interface EntraResolver extends ResolverLimits {
  /** The API's application id or its application ID URI. */
  audience: string;
  /**
   * Whether the tokens of a tenant are accepted, by its id: only for `true`. It is asked only about the `iss` of
   * Entra's tokens of version 1.0 and 2.0.
   */
  is_accepted: (tenant: string) => boolean | Promise<boolean>;
}

/**
 * Decides which issuers are accepted beside the listed ones, such as the customers of a SaaS who each have an issuer
 * of their own.
 *
 * The function is called with the `iss` of a token whose header was found valid, and never for a listed issuer. Its
 * answers are cached; one call serves all concurrent verifications of an issuer, at most 16 calls run at once, and each
 * may take as long as one attempt of a request (`attempt_timeout_seconds`). While it fails, tokens of issuers that are
 * not cached are answered `keys_unavailable` (503), with the message of what it threw, which must not contain a secret;
 * cached ones stay accepted for `max_key_age_seconds`.
 */
export type IssuerResolver = ResolveIssuer | FunctionResolver | EntraResolver;

const LIMITS: rule.Rules<ResolverLimits> = {
  lifetime_seconds: rule.count,
  negative_lifetime_seconds: rule.count,
  max_issuers: rule.count,
};
const FUNCTION_RULES: rule.Rules<FunctionResolver> = { resolve: rule.required(rule.callback), ...LIMITS };
const ENTRA_RULES: rule.Rules<EntraResolver> = {
  audience: rule.required(rule.text),
  is_accepted: rule.required(rule.callback),
  ...LIMITS,
};

export const resolver: rule.Rule = {
  must: 'be a function, or an object with the function `resolve` or `is_accepted`',
  holds: (value) => typeof value === 'function' || rule.object.holds(value),
};

export function toNativeResolver(given: IssuerResolver): Native.IssuerResolver {
  if (typeof given === 'function') return { resolve: (issuer) => resolved(given, issuer) };
  if ('is_accepted' in given) {
    const { is_accepted, ...rest } = rule.take(given, ENTRA_RULES);
    return { ...rest, is_accepted: (tenant) => accepted(is_accepted, tenant) };
  }
  const { resolve, ...limits } = rule.take(given, FUNCTION_RULES);
  return { ...limits, resolve: (issuer) => resolved(resolve, issuer) };
}

async function resolved(resolve: ResolveIssuer, issuer: string): Promise<Native.Resolved> {
  try {
    const settings = await resolve(issuer);
    return settings === undefined || settings === null ? {} : { issuer: toNativeIssuer(settings) };
  } catch (cause) {
    return { error: causeOf(cause) };
  }
}

async function accepted(is_accepted: EntraResolver['is_accepted'], tenant: string): Promise<Native.Accepted> {
  try {
    return { is_accepted: (await is_accepted(tenant)) === true };
  } catch (cause) {
    return { is_accepted: false, error: causeOf(cause) };
  }
}
