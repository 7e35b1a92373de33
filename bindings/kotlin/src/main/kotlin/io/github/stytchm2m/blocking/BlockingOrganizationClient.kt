package io.github.stytchm2m.blocking

import io.github.stytchm2m.CacheStats
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.OrganizationClient
import io.github.stytchm2m.Secret
import io.github.stytchm2m.Token

/** [client] for Java: each call waits, and throws an `M2mException`. */
public class BlockingOrganizationClient(private val client: OrganizationClient) : AutoCloseable {
    /** As [OrganizationClient.clientId]. */
    public fun clientId(): String = blocking { client.clientId() }

    /** As [OrganizationClient.clientSecret]. */
    public fun clientSecret(): Secret = blocking { client.clientSecret() }

    /** As [OrganizationClient.token]. */
    @JvmOverloads
    public fun token(forceRefresh: Boolean = false): Token = blocking { client.token(forceRefresh) }

    /** As [OrganizationClient.rotate]. */
    public fun rotate(): Secret = blocking { client.rotate() }

    /** As [OrganizationClient.stats]. */
    public fun stats(): CacheStats = client.stats()

    /** Closes the client. */
    override fun close(): Unit = client.close()
}
