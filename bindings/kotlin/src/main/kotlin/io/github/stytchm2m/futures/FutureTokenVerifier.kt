package io.github.stytchm2m.futures

import io.github.stytchm2m.CacheStats
import io.github.stytchm2m.ExportedKeySet
import io.github.stytchm2m.KeySetHealth
import io.github.stytchm2m.TokenClaims
import io.github.stytchm2m.TokenVerifier
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.function.BiPredicate

/** [verifier] for Java: each call returns a future, which fails with an `M2mException`. */
public class FutureTokenVerifier(private val verifier: TokenVerifier) : AutoCloseable {
    /** As [TokenVerifier.authenticateToken]. */
    @JvmOverloads
    public fun authenticateToken(
        accessToken: String,
        requiredScopes: List<String> = emptyList(),
        maxTokenAgeSeconds: Long? = null,
        clockToleranceSeconds: Long = 0,
        authorize: BiPredicate<TokenClaims, List<String>>? = null,
    ): CompletableFuture<TokenClaims> =
        futureOf {
            verifier.authenticateToken(
                accessToken,
                requiredScopes,
                maxTokenAgeSeconds,
                clockToleranceSeconds,
                authorize?.let { decide -> { claims, required -> decide.test(claims, required) } },
            )
        }

    /** As [TokenVerifier.warmUp]. */
    public fun warmUp(): CompletableFuture<Void?> = futureOfNothing { verifier.warmUp() }

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
