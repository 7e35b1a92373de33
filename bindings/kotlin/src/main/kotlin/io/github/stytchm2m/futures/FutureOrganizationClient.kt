package io.github.stytchm2m.futures

import io.github.stytchm2m.CacheStats
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.OrganizationClient
import io.github.stytchm2m.Secret
import io.github.stytchm2m.Token
import java.util.concurrent.CompletableFuture

/** [client] for Java: each call returns a future, which fails with an `M2mException`. */
public class FutureOrganizationClient(private val client: OrganizationClient) : AutoCloseable {
    /** As [OrganizationClient.clientId]. */
    public fun clientId(): CompletableFuture<String> = futureOf { client.clientId() }

    /** As [OrganizationClient.clientSecret]. */
    public fun clientSecret(): CompletableFuture<Secret> = futureOf { client.clientSecret() }

    /** As [OrganizationClient.token]. */
    @JvmOverloads
    public fun token(forceRefresh: Boolean = false): CompletableFuture<Token> = futureOf { client.token(forceRefresh) }

    /** As [OrganizationClient.rotate]. */
    public fun rotate(): CompletableFuture<Secret> = futureOf { client.rotate() }

    /** As [OrganizationClient.stats]. */
    public fun stats(): CacheStats = client.stats()

    /** Closes the client. */
    override fun close(): Unit = client.close()
}
