// Tokens for one M2M client.

import * as rule from './arguments';
import { call, unwrap } from './call';
import { secret, withSecrets, type ClientAuth, type SecretSource } from './credential';
import { variables } from './environment';
import type { Algorithm } from './issuer';
import { native, type Native } from './native';
import { toToken, type Token } from './records';
import type { CacheStats } from './state';
import { TOKEN_STORE_RULES, TRANSPORT_RULES } from './transport';
import type { TokenStoreSettings, TransportSettings } from './transport';

/** Settings of a {@link TokenSource}. */
export interface TokenSourceSettings extends TokenStoreSettings, TransportSettings {
  /** The project whose token endpoint is asked. Default: `STYTCH_PROJECT_ID`. */
  project_id?: string | undefined;
  /** The API's address. Default: `STYTCH_BASE_URL`, or Stytch's host. */
  base_url?: string | undefined;
  /** Another server's token endpoint, in place of `project_id` and `base_url`. Default: `STYTCH_TOKEN_URL`. */
  token_url?: string | undefined;
  /**
   * Another server, in place of its token endpoint: an https URL that its discovery document (RFC 8414, OpenID Connect)
   * calls the issuer. The document names the endpoint, and the methods that {@link client_auth} is chosen from.
   */
  issuer?: string | undefined;
  /** The client's id, which only with an `assertion` may be missing. Default: `STYTCH_CLIENT_ID`. */
  client_id?: string | undefined;
  /**
   * How the client authenticates. Default: `client_secret_post`, or with `issuer` what the server offers;
   * `private_key_jwt` with a `private_key` or a `client_assertion`. `tls_client_auth`, which needs
   * `client_certificate_pem`, and `none` must be given.
   */
  client_auth?: ClientAuth | undefined;
  /** The client's secret. Default: `STYTCH_CLIENT_SECRET`, or the file that `STYTCH_CLIENT_SECRET_FILE` names. */
  client_secret?: SecretSource | undefined;
  /**
   * The client's other secret during a rotation. It is tried when the server refuses the one in use, and then stays in
   * use until it is refused.
   */
  next_client_secret?: SecretSource | undefined;
  /** The private key that signs the client's assertions: PEM (PKCS#8, PKCS#1 or SEC 1) or a private JWK. */
  private_key?: SecretSource | undefined;
  /** The `kid` of the assertions. Default: the JWK's. */
  key_id?: string | undefined;
  /**
   * The algorithm of the assertions' signatures. Default: the JWK's, or else `RS256`, `ES256`, `ES384` or `EdDSA`, by the
   * type of the key.
   */
  signing_algorithm?: Algorithm | undefined;
  /** The `aud` of the assertions. Default: the issuer with `issuer`, else the URL of the token endpoint. */
  assertion_audience?: string | undefined;
  /**
   * An assertion that the client's platform issued to it, in place of a `private_key` (RFC 7523, section 2.2): for
   * example the file of a Kubernetes service account token. It is read before each token request.
   */
  client_assertion?: SecretSource | undefined;
  /**
   * An assertion to exchange for a token, in place of the client-credentials grant (RFC 7523, section 2.1). It is read
   * before each token request.
   */
  assertion?: SecretSource | undefined;
  /** The scopes to request. Default: all scopes of the client. */
  scopes?: readonly string[] | undefined;
  /** The services that the token is for, as absolute URIs (RFC 8707). Default: the server decides. */
  resource?: string | readonly string[] | undefined;
  /** The audience that the token is for, at servers that take this parameter. Default: the server decides. */
  audience?: string | undefined;
  /** Additional parameters. */
  extra?: Readonly<Record<string, string>> | undefined;
}

const RULES: rule.Rules<TokenSourceSettings> = {
  project_id: rule.text,
  base_url: rule.text,
  token_url: rule.text,
  issuer: rule.text,
  client_id: rule.text,
  client_auth: rule.text,
  client_secret: secret,
  next_client_secret: secret,
  private_key: secret,
  key_id: rule.text,
  signing_algorithm: rule.text,
  assertion_audience: rule.text,
  client_assertion: secret,
  assertion: secret,
  scopes: rule.texts,
  resource: rule.textOrTexts,
  audience: rule.text,
  extra: rule.textMap,
  ...TOKEN_STORE_RULES,
  ...TRANSPORT_RULES,
};
const SECRETS = [
  'client_secret',
  'next_client_secret',
  'private_key',
  'client_assertion',
  'assertion',
] as const;
const CALL_RULES: rule.Rules<rule.Cancellable> = { signal: rule.signal };

/** Access tokens for one client, cached and refreshed ahead. It needs no project secret. */
export class TokenSource {
  readonly #native: Native.TokenSource;
  /** The cached token, of which the native module then tells only the seconds that it has left. */
  #lastToken: Native.Token | undefined;

  /** What `settings` do not say, the environment does. No I/O: a token is fetched when it is asked for. */
  constructor(settings: TokenSourceSettings = {}) {
    rule.atMost(arguments.length);
    const { resource, ...given } = rule.take(settings, RULES);
    const resources = resource === undefined ? {} : { resource: [resource].flat() };
    const filled = { ...withSecrets(given, ...SECRETS), ...resources };
    this.#native = unwrap(native.newTokenSource(filled, variables()));
  }

  /**
   * Returns a fresh token: the cached one, or a new one, fetched with one request for all
   * concurrent callers.
   */
  async getToken(args: rule.Cancellable = {}): Promise<Token> {
    rule.atMost(arguments.length);
    const { signal } = rule.take(args, CALL_RULES);
    signal?.throwIfAborted();
    const cached = this.#native.cachedToken();
    if (cached === null) return toToken(await call(signal, (cancel) => this.#native.getToken(cancel)));
    if (typeof cached === 'number' && this.#lastToken) return toToken(this.#lastToken, cached);
    this.#lastToken = cached as Native.Token;
    return toToken(this.#lastToken);
  }

  /** The value of an `Authorization` header, `Bearer ...`, with a fresh token. */
  async authorizationHeader(args: rule.Cancellable = {}): Promise<string> {
    rule.atMost(arguments.length);
    const { access_token } = await this.getToken(args);
    return `Bearer ${access_token}`;
  }

  /** Says that a server refused `access_token`: unless a newer one is there, the next call fetches. */
  invalidate(args: rule.RefusedToken): void {
    rule.atMost(arguments.length);
    const { access_token } = rule.take(args, rule.REFUSED_RULES);
    unwrap(this.#native.invalidate(access_token));
  }

  /** What the cache did. */
  stats(): CacheStats {
    rule.atMost(arguments.length, 0);
    return unwrap(this.#native.stats());
  }

  /** Lets go of connections and the token. Calls under way end as they would; later ones throw. */
  close(): void {
    this.#native.close();
    this.#lastToken = undefined;
  }
}
