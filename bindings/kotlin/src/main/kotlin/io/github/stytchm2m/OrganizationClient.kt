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
 * @param baseUrl The host of the API, as `https://api.example.com`.
 * @param authorization The value of the `Authorization` header, whole, as `Bearer ...`.
 * @param transport How requests are sent.
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

    /** The organization's client id. */
    public suspend fun clientId(): String = native.await { it.clientId(null) }

    /** The client's secret. */
    public suspend fun clientSecret(): Secret = native.await { it.clientSecret(null) }.toPublic()

    /**
     * An access token, from the cache while it is fresh. The credential is read first, once, and again
     * when the server refuses it, as it does after somebody else rotated.
     *
     * @param forceRefresh Ask the server even if a cached token is fresh.
     * @throws M2mException.Authentication when the `authorization` or the credential is refused.
     */
    public suspend fun token(forceRefresh: Boolean = false): Token {
        val cached = if (forceRefresh) null else native.call { it.cachedToken() }
        return (cached ?: native.await { it.token(forceRefresh, null) }).toPublic()
    }

    /**
     * Replaces the secret: the old one is refused from now on, so every other holder of it must be given
     * the new one. This client takes it up, and drops the cached token.
     *
     * @throws M2mException.OutcomeUnknown when the answer was lost: read the secret and compare.
     */
    public suspend fun rotate(): Secret = native.await { it.rotate(null) }.toPublic()

    /** What the token cache did so far. */
    public fun stats(): CacheStats = native.call { it.stats() }.toPublic()

    /** Frees the client. Later calls throw [M2mException.InvalidConfig]. */
    override fun close(): Unit = native.close()

    override fun toString(): String = "OrganizationClient"
}
