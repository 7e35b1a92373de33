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
 * @param clientId The M2M client's id.
 * @param clientSecret Its secret.
 * @param projectId The project whose token endpoint is asked. Default: `STYTCH_PROJECT_ID`.
 * @param baseUrl The API's address. Default: `STYTCH_BASE_URL`, or Stytch's live or test host.
 * @param tokenUrl Another server's token endpoint, in place of [projectId] and [baseUrl].
 * @param scopes The scopes to request. Empty: all scopes of the client.
 * @param extra Additional parameters, such as `audience`.
 * @param tokenStoreUrl URL of a Redis or Valkey server through which processes share access tokens; see [Client].
 * @param tokenStoreKey What seals them there; see [Client].
 * @param tokenStoreAllowUnencrypted Whether the store's password may be sent unencrypted; see [Client].
 * @param transport Timeouts, TLS and proxy.
 * @throws M2mException.InvalidConfig when a setting is missing or wrong.
 */
public class TokenSource(
    clientId: String,
    clientSecret: Secret,
    projectId: String? = null,
    baseUrl: String? = null,
    tokenUrl: String? = null,
    scopes: List<String> = emptyList(),
    extra: Map<String, String> = emptyMap(),
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
            clientId,
            clientSecret.toNative(),
            scopes,
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

    /** Collects the settings of a [TokenSource]. */
    public class Builder internal constructor(private val clientId: String, private val clientSecret: Secret) {
        private var projectId: String? = null
        private var baseUrl: String? = null
        private var tokenUrl: String? = null
        private var scopes: List<String> = emptyList()
        private var extra: Map<String, String> = emptyMap()
        private var tokenStoreUrl: Secret? = null
        private var tokenStoreKey: Secret? = null
        private var tokenStoreAllowUnencrypted = false
        private var transport = TransportConfig()

        /** The project whose token endpoint is asked. */
        public fun projectId(projectId: String?): Builder = apply { this.projectId = projectId }

        /** The API's address. */
        public fun baseUrl(baseUrl: String?): Builder = apply { this.baseUrl = baseUrl }

        /** Another server's token endpoint. */
        public fun tokenUrl(tokenUrl: String?): Builder = apply { this.tokenUrl = tokenUrl }

        /** The scopes to ask for. */
        public fun scopes(scopes: List<String>): Builder = apply { this.scopes = scopes }

        /** The scopes to ask for. */
        public fun scopes(vararg scopes: String): Builder = scopes(scopes.asList())

        /** Additional parameters, such as `audience`. */
        public fun extra(extra: Map<String, String>): Builder = apply { this.extra = extra }

        /** A Redis or Valkey to share tokens through. */
        public fun tokenStoreUrl(url: Secret?): Builder = apply { tokenStoreUrl = url }

        /** What seals them there. */
        public fun tokenStoreKey(key: Secret?): Builder = apply { tokenStoreKey = key }

        /** Whether the store's password may be sent unencrypted. */
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
                scopes,
                extra,
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
        public fun builder(clientId: String, clientSecret: Secret): Builder = Builder(clientId, clientSecret)
    }
}
