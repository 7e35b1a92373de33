package io.github.stytchm2m

import io.github.stytchm2m.internal.NativeOrganizationClient
import io.github.stytchm2m.internal.OrganizationSettings

/**
 * For customers of a product that gives each organization one M2M client, by an API on the product's own host
 * (`/m2m/client-id` and so on); who talks to Stytch itself needs a [Client]. The client's secret can be read, and rotates
 * without an overlap.
 *
 * Make one and share it: it is safe to use from many threads, and caches the token. Making one does no
 * I/O.
 *
 * @param baseUrl The API's host, such as `https://api.example.com`.
 * @param authorization The whole value of the `Authorization` header, such as `Bearer ...`.
 * @param transport Timeouts, TLS and proxy.
 * @throws M2mException.InvalidConfig when a setting is wrong.
 */
public class OrganizationClient @JvmOverloads constructor(
    baseUrl: String,
    authorization: Secret,
    transport: TransportConfig = TransportConfig(),
) : AutoCloseable {
    private val native = translated {
        val settings = OrganizationSettings(baseUrl, authorization.toNative(), transport.toNative())
        Handle("organization client", NativeOrganizationClient(settings))
    }

    /** Returns the organization's client id. */
    public suspend fun clientId(): String = native.await { it.clientId(null) }

    /** Returns the client's secret. */
    public suspend fun clientSecret(): Secret = native.await { it.clientSecret(null) }.toPublic()

    /**
     * An access token, from the cache while it is fresh. The credential is read first, once, and again
     * when the server refuses it, as it does after somebody else rotated.
     *
     * @param forceRefresh Fetch a new token even if a cached one is fresh.
     * @throws M2mException.Authentication when the `authorization` or the credential is refused.
     */
    public suspend fun token(forceRefresh: Boolean = false): Token {
        val cached = if (forceRefresh) null else native.call { it.cachedToken() }
        return (cached ?: native.await { it.token(forceRefresh, null) }).toPublic()
    }

    /**
     * Replaces the secret and returns the new one. The old secret stops working at once: give the new one to every
     * other user of it. This client uses the new secret and drops its cached token.
     *
     * @throws M2mException.OutcomeUnknown when the answer was lost: read the secret and compare.
     */
    public suspend fun rotate(): Secret = native.await { it.rotate(null) }.toPublic()

    /** Counters of the token cache. */
    public fun stats(): CacheStats = native.call { it.stats() }.toPublic()

    /** Frees the client. Later calls throw [M2mException.InvalidConfig]. */
    override fun close(): Unit = native.close()

    override fun toString(): String = "OrganizationClient"
}
