package io.github.stytchm2m

import io.github.stytchm2m.internal.NativeCalls
import io.github.stytchm2m.internal.NativeTokenSource
import io.github.stytchm2m.internal.TokenSourceSettings

/**
 * Access tokens for one M2M client, cached and refreshed ahead. It needs no project secret.
 *
 * Safe to use from many threads and coroutines: however many ask at once, the server is asked once.
 * Making one does no I/O. In Java, use [builder].
 *
 * @param clientId The M2M client's id. Default: `STYTCH_CLIENT_ID`.
 * @param clientSecret Its secret. Default: `STYTCH_CLIENT_SECRET`, or the file that
 *   `STYTCH_CLIENT_SECRET_FILE` names.
 * @param projectId The project whose token endpoint is asked. Default: `STYTCH_PROJECT_ID`.
 * @param baseUrl The API's address. Default: `STYTCH_BASE_URL`, or Stytch's live or test host.
 * @param tokenUrl Another server's token endpoint, in place of [projectId] and [baseUrl]. Default: `STYTCH_TOKEN_URL`.
 * @param issuer Another server's issuer, whose discovery document names its token endpoint and the ways to
 *   authenticate there.
 * @param scopes The scopes to request. Empty: all scopes of the client.
 * @param audience The `audience` parameter, which some servers need.
 * @param resource The resources that the token is for, as URLs (RFC 8707).
 * @param extra Additional parameters.
 * @param clientAuth How the client authenticates. Default: with [issuer] what the server offers, else `client_secret_post`; or
 *   `private_key_jwt` with a [privateKey] or a [clientAssertion].
 * @param nextClientSecret The client's other secret during a rotation. It is tried when the server refuses the one in use,
 *   and then stays in use until it is refused.
 * @param privateKey The private key that signs the client's assertions: PEM (PKCS#8, PKCS#1 or SEC 1) or a private JWK.
 * @param keyId The `kid` of the assertions. Default: the JWK's.
 * @param signingAlgorithm The algorithm of the assertions' signatures. Default: the JWK's, or else `RS256`, `ES256`, `ES384`
 *   or `EdDSA`, by the type of the key.
 * @param assertionAudience The `aud` of the assertions. Default: the issuer if it was discovered, else the URL of the token
 *   endpoint.
 * @param clientAssertion An assertion that the client's platform issued to it, in place of a [privateKey] (RFC 7523,
 *   section 2.2): for example the file of a Kubernetes service account token. It is read before each token request.
 * @param assertion An assertion to exchange for a token, in place of the client-credentials grant (RFC 7523, section 2.1). It
 *   is read before each token request.
 * @param tokenStoreUrl URL of a Redis or Valkey server through which processes share access tokens; see [Client].
 * @param tokenStoreKey What seals them there; see [Client].
 * @param tokenStoreAllowUnencrypted Whether the store's password may be sent unencrypted; see [Client].
 * @param transport Timeouts, TLS and proxy.
 * @throws M2mException.InvalidConfig when a setting is missing or wrong.
 */
public class TokenSource(
    clientId: String? = null,
    clientSecret: SecretSource? = null,
    projectId: String? = null,
    baseUrl: String? = null,
    tokenUrl: String? = null,
    issuer: String? = null,
    scopes: List<String> = emptyList(),
    audience: String? = null,
    resource: List<String> = emptyList(),
    extra: Map<String, String> = emptyMap(),
    clientAuth: ClientAuth? = null,
    nextClientSecret: SecretSource? = null,
    privateKey: SecretSource? = null,
    keyId: String? = null,
    signingAlgorithm: Algorithm? = null,
    assertionAudience: String? = null,
    clientAssertion: SecretSource? = null,
    assertion: SecretSource? = null,
    tokenStoreUrl: Secret? = null,
    tokenStoreKey: Secret? = null,
    tokenStoreAllowUnencrypted: Boolean = false,
    transport: TransportConfig = TransportConfig(),
) : AutoCloseable {
    private val native = translated {
        val settings = TokenSourceSettings(
            projectId,
            baseUrl,
            tokenUrl,
            issuer,
            clientId,
            clientAuth?.toNative(),
            clientSecret?.toSetting(),
            nextClientSecret?.toSetting(),
            privateKey?.toSetting(),
            keyId,
            signingAlgorithm?.toNative(),
            assertionAudience,
            clientAssertion?.toSetting(),
            assertion?.toSetting(),
            scopes,
            resource,
            audience,
            extra,
            tokenStoreUrl?.toNative(),
            tokenStoreKey?.toNative(),
            tokenStoreAllowUnencrypted,
            transport.toNative(),
        )
        Handle("token source", NativeTokenSource(settings))
    }
    private val id = native.call { it.jniId() }

    /**
     * Returns a fresh token: the cached one, or a new one, fetched with one request for all concurrent callers.
     *
     * @throws M2mException.Authentication when the credentials are wrong, or the client is inactive.
     */
    public suspend fun getToken(): Token =
        (native.call { NativeCalls.cachedToken(id) } ?: native.await { it.getToken(null) }).toPublic()

    /** The value of an `Authorization` header, `Bearer ...`, with a fresh token. */
    public suspend fun authorizationHeader(): Secret = getToken().authorizationHeader()

    /**
     * Says that a server refused [accessToken]: unless a newer one is there already, the next
     * [getToken] fetches.
     */
    public fun invalidate(accessToken: Secret): Unit = native.call { it.invalidate(accessToken.reveal()) }

    /** Counters of the cache. */
    public fun stats(): CacheStats = native.call { it.stats() }.toPublic()

    /** Frees the source. Later calls throw [M2mException.InvalidConfig]. */
    override fun close(): Unit = native.close()

    override fun toString(): String = "TokenSource"

    /** Collects the settings of a [TokenSource]. Missing settings are read from the environment. */
    public class Builder internal constructor() {
        private var clientId: String? = null
        private var clientSecret: SecretSource? = null
        private var projectId: String? = null
        private var baseUrl: String? = null
        private var tokenUrl: String? = null
        private var issuer: String? = null
        private var scopes: List<String> = emptyList()
        private var audience: String? = null
        private var resource: List<String> = emptyList()
        private var extra: Map<String, String> = emptyMap()
        private var clientAuth: ClientAuth? = null
        private var nextClientSecret: SecretSource? = null
        private var privateKey: SecretSource? = null
        private var keyId: String? = null
        private var signingAlgorithm: Algorithm? = null
        private var assertionAudience: String? = null
        private var clientAssertion: SecretSource? = null
        private var assertion: SecretSource? = null
        private var tokenStoreUrl: Secret? = null
        private var tokenStoreKey: Secret? = null
        private var tokenStoreAllowUnencrypted = false
        private var transport = TransportConfig()

        /** The M2M client's id. */
        public fun clientId(clientId: String?): Builder = apply { this.clientId = clientId }

        /** Its secret. */
        public fun clientSecret(clientSecret: SecretSource?): Builder = apply { this.clientSecret = clientSecret }

        /** The project whose token endpoint is asked. */
        public fun projectId(projectId: String?): Builder = apply { this.projectId = projectId }

        /** The API's address. */
        public fun baseUrl(baseUrl: String?): Builder = apply { this.baseUrl = baseUrl }

        /** Another server's token endpoint, in place of a project. */
        public fun tokenUrl(tokenUrl: String?): Builder = apply { this.tokenUrl = tokenUrl }

        /** Another server's issuer, whose discovery document names its token endpoint and the ways to authenticate there. */
        public fun issuer(issuer: String?): Builder = apply { this.issuer = issuer }

        /** The scopes to request. */
        public fun scopes(scopes: List<String>): Builder = apply { this.scopes = scopes }

        /** The scopes to request. */
        public fun scopes(vararg scopes: String): Builder = scopes(scopes.asList())

        /** The `audience` parameter. */
        public fun audience(audience: String?): Builder = apply { this.audience = audience }

        /** The resources that the token is for, as URLs (RFC 8707). */
        public fun resource(resource: List<String>): Builder = apply { this.resource = resource }

        /** Additional parameters. */
        public fun extra(extra: Map<String, String>): Builder = apply { this.extra = extra }

        /** How the client authenticates. */
        public fun clientAuth(clientAuth: ClientAuth?): Builder = apply { this.clientAuth = clientAuth }

        /** The client's other secret during a rotation. */
        public fun nextClientSecret(nextClientSecret: SecretSource?): Builder = apply { this.nextClientSecret = nextClientSecret }

        /** The private key that signs the client's assertions: PEM (PKCS#8, PKCS#1 or SEC 1) or a private JWK. */
        public fun privateKey(privateKey: SecretSource?): Builder = apply { this.privateKey = privateKey }

        /** The `kid` of the assertions. */
        public fun keyId(keyId: String?): Builder = apply { this.keyId = keyId }

        /** The algorithm of the assertions' signatures. */
        public fun signingAlgorithm(signingAlgorithm: Algorithm?): Builder = apply { this.signingAlgorithm = signingAlgorithm }

        /** The `aud` of the assertions. */
        public fun assertionAudience(assertionAudience: String?): Builder = apply { this.assertionAudience = assertionAudience }

        /** An assertion that the client's platform issued to it, in place of a [privateKey] (RFC 7523, section 2.2). */
        public fun clientAssertion(clientAssertion: SecretSource?): Builder = apply { this.clientAssertion = clientAssertion }

        /** An assertion to exchange for a token, in place of the client-credentials grant (RFC 7523, section 2.1). */
        public fun assertion(assertion: SecretSource?): Builder = apply { this.assertion = assertion }

        /** URL of a Redis or Valkey server through which processes share access tokens; see [Client]. */
        public fun tokenStoreUrl(url: Secret?): Builder = apply { tokenStoreUrl = url }

        /** What seals them there; see [Client]. */
        public fun tokenStoreKey(key: Secret?): Builder = apply { tokenStoreKey = key }

        /** Whether the store's password may be sent unencrypted; see [Client]. */
        public fun tokenStoreAllowUnencrypted(allow: Boolean): Builder = apply { tokenStoreAllowUnencrypted = allow }

        /** Timeouts, TLS and proxy. */
        public fun transport(transport: TransportConfig): Builder = apply { this.transport = transport }

        /**
         * The source.
         *
         * @throws M2mException.InvalidConfig when a setting is missing or wrong.
         */
        public fun build(): TokenSource =
            TokenSource(
                clientId,
                clientSecret,
                projectId,
                baseUrl,
                tokenUrl,
                issuer,
                scopes,
                audience,
                resource,
                extra,
                clientAuth,
                nextClientSecret,
                privateKey,
                keyId,
                signingAlgorithm,
                assertionAudience,
                clientAssertion,
                assertion,
                tokenStoreUrl,
                tokenStoreKey,
                tokenStoreAllowUnencrypted,
                transport,
            )
    }

    /** The entry point for Java. */
    public companion object {
        /** A builder, for Java. */
        @JvmStatic
        public fun builder(): Builder = Builder()

        /** A builder for this client, for Java. */
        @JvmStatic
        public fun builder(clientId: String, clientSecret: SecretSource): Builder =
            Builder().clientId(clientId).clientSecret(clientSecret)
    }
}
