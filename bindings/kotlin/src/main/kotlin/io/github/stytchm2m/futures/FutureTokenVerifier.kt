package io.github.stytchm2m.futures

import io.github.stytchm2m.CacheStats
import io.github.stytchm2m.ExportedKeySet
import io.github.stytchm2m.KeySetHealth
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.Secret
import io.github.stytchm2m.TokenClaims
import io.github.stytchm2m.TokenVerifier
import io.github.stytchm2m.options.AuthenticateOptions
import io.github.stytchm2m.options.filled
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.function.Consumer

/** [verifier] for Java: each call returns a future, which fails with an `M2mException`. */
public class FutureTokenVerifier(private val verifier: TokenVerifier) : AutoCloseable {
    /** As [TokenVerifier.authenticateToken]. */
    @JvmOverloads
    public fun authenticateToken(
        accessToken: Secret,
        options: Consumer<AuthenticateOptions> = Consumer {},
    ): CompletableFuture<TokenClaims> {
        val filled = AuthenticateOptions().filled(options)
        val call: suspend () -> TokenClaims = { filled.call(verifier, accessToken) }
        return if (filled.asksUser) futureApart(call) else futureOf(call)
    }

    /** As [TokenVerifier.warmUp]. */
    public fun warmUp(): CompletableFuture<Void?> = futureOf { verifier.warmUp().let { null } }

    /** As [TokenVerifier.seedJwks]. */
    @JvmOverloads
    public fun seedJwks(jwks: String, fetchedAt: Instant, issuer: String? = null): Unit =
        verifier.seedJwks(jwks, fetchedAt, issuer)

    /** As [TokenVerifier.exportJwks]. */
    public fun exportJwks(): List<ExportedKeySet> = verifier.exportJwks()

    /** As [TokenVerifier.health]. */
    public fun health(): List<KeySetHealth> = verifier.health()

    /** As [TokenVerifier.stats]. */
    public fun stats(): CacheStats = verifier.stats()

    /** Closes the verifier. */
    override fun close(): Unit = verifier.close()
}
