package io.github.stytchm2m.blocking

import io.github.stytchm2m.CacheStats
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.Secret
import io.github.stytchm2m.Token
import io.github.stytchm2m.TokenSource

/** [source] for Java: each call waits, and throws an `M2mException`. */
public class BlockingTokenSource(private val source: TokenSource) : AutoCloseable {
    /** As [TokenSource.getToken]. */
    public fun getToken(): Token = blocking { source.getToken() }

    /** As [TokenSource.authorizationHeader]. */
    public fun authorizationHeader(): Secret = blocking { source.authorizationHeader() }

    /** As [TokenSource.invalidate]. */
    public fun invalidate(accessToken: Secret): Unit = source.invalidate(accessToken)

    /** As [TokenSource.stats]. */
    public fun stats(): CacheStats = source.stats()

    /** Closes the source. */
    override fun close(): Unit = source.close()
}
