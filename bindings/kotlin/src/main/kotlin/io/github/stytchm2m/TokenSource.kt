package io.github.stytchm2m

import io.github.stytchm2m.internal.NativeCalls
import io.github.stytchm2m.internal.NativeTokenSource
import io.github.stytchm2m.internal.TokenSourceSettings

/**
 * Access tokens for one M2M client, cached and refreshed ahead. Needs no project secret.
 *
 * Safe to use from many threads and coroutines: however many ask at once, the server is asked once.
 * Making one does no I/O.
 *
 * @param clientId The M2M client's id.
 * @param clientSecret Its secret.
 * @param projectId The project whose token endpoint is asked. Default: `STYTCH_PROJECT_ID`.
 * @param baseUrl Where the API is. Default: `STYTCH_BASE_URL`, or Stytch's live or test host.
 * @param tokenUrl Another server's token endpoint, in place of [projectId] and [baseUrl].
 * @param scopes The scopes to ask for. Empty: all that the client has.
 * @param extra Further parameters, such as `audience`.
 * @param transport How requests are sent.
 * @param tokenStoreUrl A Redis or Valkey to share tokens through; see [Client].
 * @param tokenStoreKey What seals them there; see [Client].
 * @param tokenStoreAllowUnencrypted Whether its password may be sent unencrypted; see [Client].
 * @throws M2mException.InvalidConfig when a setting is missing or wrong.
 */
public class TokenSource @JvmOverloads constructor(
    clientId: String,
    clientSecret: Secret,
    projectId: String? = null,
    baseUrl: String? = null,
    tokenUrl: String? = null,
    scopes: List<String> = emptyList(),
    extra: Map<String, String> = emptyMap(),
    transport: TransportConfig = TransportConfig(),
    tokenStoreUrl: Secret? = null,
    tokenStoreKey: Secret? = null,
    tokenStoreAllowUnencrypted: Boolean = false,
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
     * A fresh token: from the cache, or from the server with one request however many ask.
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

    /** What the cache did so far. */
    public fun stats(): CacheStats = native.call { it.stats() }.toPublic()

    /** Frees the source. Later calls throw [M2mException.InvalidConfig]. */
    override fun close(): Unit = native.close()

    override fun toString(): String = "TokenSource"
}
