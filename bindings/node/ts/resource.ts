// How to get a token for a service that says where its tokens come from.

import * as rule from './arguments';
import { call } from './call';
import { withSecrets } from './credential';
import { native } from './native';
import { TRANSPORT_RULES, type TransportSettings } from './transport';

/**
 * How to get a token for a protected resource, as its metadata (RFC 9728) says. Its addresses are https, or loopback
 * beside a loopback resource.
 */
export interface ProtectedResource {
  /** Its identifier, for `resource` of a `TokenSource` (RFC 8707). */
  resource: string;
  /** The issuers whose tokens it accepts. At least one. Choose one that you trust with the client's credentials. */
  authorization_servers: string[];
  /** The scopes that the refused request needs; or else all that the resource has, if it says so. */
  scopes: string[];
}

/** A resource that refused a request without a token. */
export interface DiscoverResourceArguments extends TransportSettings, rule.Cancellable {
  /** The address of the request. */
  url: string;
  /** The response's `WWW-Authenticate`, if it has one: `response.headers.get('www-authenticate')`. */
  www_authenticate?: string | readonly string[] | null | undefined;
}

const RULES: rule.Rules<DiscoverResourceArguments> = {
  url: rule.required(rule.text),
  www_authenticate: rule.textOrTexts,
  ...TRANSPORT_RULES,
  signal: rule.signal,
};

/** Finds out how to get a token for a service. */
export const ProtectedResource = {
  /**
   * Fetches the metadata of the resource at `url`, which answered a request without a token with 401. Only addresses of
   * the resource's own origin are asked, and the metadata counts only if its `resource` is `url` or a parent of it: a
   * resource cannot have tokens fetched for another.
   */
  async discover(args: DiscoverResourceArguments): Promise<ProtectedResource> {
    rule.atMost(arguments.length);
    const { url, www_authenticate, signal, ...transport } = rule.take(args, RULES);
    const headers = [www_authenticate ?? []].flat();
    const settings = withSecrets(transport);
    return call(signal, (cancel) => native.discoverResource(url, headers, settings, cancel));
  },
};
