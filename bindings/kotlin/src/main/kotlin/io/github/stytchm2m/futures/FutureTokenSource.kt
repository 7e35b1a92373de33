package io.github.stytchm2m.futures

import io.github.stytchm2m.CacheStats
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.Secret
import io.github.stytchm2m.Token
import io.github.stytchm2m.TokenSource
import java.util.concurrent.CompletableFuture

/** [source] for Java: each call returns a future, which fails with an `M2mException`. */
public class FutureTokenSource(private val source: TokenSource) : AutoCloseable {
    /** As [TokenSource.getToken]. */
    public fun getToken(): CompletableFuture<Token> = futureOf { source.getToken() }

    /** As [TokenSource.authorizationHeader]. */
    public fun authorizationHeader(): CompletableFuture<Secret> = futureOf { source.authorizationHeader() }

    /** As [TokenSource.invalidate]. */
    public fun invalidate(accessToken: Secret): Unit = source.invalidate(accessToken)

    /** As [TokenSource.stats]. */
    public fun stats(): CacheStats = source.stats()

    /** Closes the source. */
    override fun close(): Unit = source.close()
}
