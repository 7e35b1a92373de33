package com.stytch.m2m.futures

import com.stytch.m2m.TokenClaims
import com.stytch.m2m.TokenVerifier
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

    /** Closes the verifier. */
    override fun close(): Unit = verifier.close()
}
