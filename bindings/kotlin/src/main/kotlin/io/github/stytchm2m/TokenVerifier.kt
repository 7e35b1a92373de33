package io.github.stytchm2m

import io.github.stytchm2m.internal.NativeCalls
import io.github.stytchm2m.internal.NativeTokenVerifier
import io.github.stytchm2m.internal.SecretText
import io.github.stytchm2m.internal.TransportSettings
import io.github.stytchm2m.internal.VerifierSettings
import io.github.stytchm2m.internal.VerifyRequest
import io.github.stytchm2m.internal.VerifySettings
import io.github.stytchm2m.internal.refuseScopes
import java.time.Duration
import java.time.Instant

/**
 * Decides in place of the scope comparison: given the claims and the required scopes, `true` allows.
 * What it throws reaches the caller as it is.
 */
public typealias Authorize = suspend (claims: TokenClaims, requiredScopes: List<String>) -> Boolean

/**
 * Verifies access tokens of one or several issuers. It needs no secret.
 *
 * Safe to use from many threads. Making one does no I/O.
 */
public class TokenVerifier internal constructor(
    private val native: Handle<NativeTokenVerifier>,
) : AutoCloseable {
    private val id = native.call { it.jniId() }

    /**
     * A verifier of the tokens of [issuers], of which there must be one, unless there is a resolver.
     *
     * @param verifiedTokenCacheSize Approximate number of verified tokens to cache. A cached token needs no signature
     *   check the next time; its key, times and scopes are still checked. At most 1,048,576. Default 0: no cache.
     * @param issuerResolver Decides about the issuers that are not listed. Default: none of them is accepted.
     * @throws M2mException.InvalidConfig when a setting is missing or wrong.
     */
    @JvmOverloads
    public constructor(
        issuers: List<IssuerConfig>,
        verifiedTokenCacheSize: Int = 0,
        transport: TransportConfig = TransportConfig(),
        issuerResolver: IssuerResolver? = null,
    ) : this(nativeVerifier(issuers, transport.toNative(), verifiedTokenCacheSize, issuerResolver))

    /**
     * A verifier of the tokens of one Stytch project. What is `null` comes from `STYTCH_PROJECT_ID`
     * and `STYTCH_BASE_URL`.
     *
     * @throws M2mException.InvalidConfig when a setting is missing or wrong.
     */
    @JvmOverloads
    public constructor(
        projectId: String? = null,
        baseUrl: String? = null,
        vertical: Vertical = Vertical.CONSUMER,
        verifiedTokenCacheSize: Int = 0,
        transport: TransportConfig = TransportConfig(),
    ) : this(listOf(IssuerConfig.stytch(projectId, baseUrl, vertical)), verifiedTokenCacheSize, transport)

    /**
     * Verifies [accessToken]: signature, issuer, audience, times and scopes. Local and without suspending, except for
     * the first call, which fetches the key set.
     *
     * @param requiredScopes Scopes that the token must grant; all are required. Default: none.
     * @param maxTokenAge Refuses tokens this old or older, by `iat`. In whole seconds, rounded down.
     * @param clockTolerance The allowed difference between the clocks, up to 5 minutes, in whole seconds, rounded down;
     *   `nbf` and `iat` may always lie 5 seconds ahead.
     * @param organization The organization that the token must belong to. A token of another one, or of none, is
     *   [M2mException.InsufficientScope] with the reason [InvalidTokenReason.WRONG_ORGANIZATION], before its scopes are
     *   compared. Default: not checked.
     * @param authorize Replaces the scope comparison. Default: none.
     * @throws M2mException.InvalidToken when the token is refused: answer 401.
     * @throws M2mException.InsufficientScope when it lacks a scope, or belongs to another organization: answer 403.
     * @throws M2mException.KeysUnavailable when it could not be judged: answer 503.
     */
    public suspend fun authenticateToken(
        accessToken: Secret,
        requiredScopes: List<String> = emptyList(),
        maxTokenAge: Duration? = null,
        clockTolerance: Duration = Duration.ZERO,
        organization: RequiredOrganization? = null,
        authorize: Authorize? = null,
    ): TokenClaims {
        val options = VerifySettings(
            requiredScopes,
            organization?.id,
            organization != null,
            maxTokenAge?.seconds,
            clockTolerance.seconds,
            authorize != null,
        )
        val token = accessToken.reveal()
        val verified = native.call { NativeCalls.authenticateTokenNow(id, token, options) }
            ?: native.await { it.authenticateToken(VerifyRequest(SecretText(token.asText()), options), null) }
        val claims = verified.toPublic()
        if (authorize != null && !authorize(claims, requiredScopes)) {
            translated { refuseScopes(claims.missingScopes(requiredScopes)) }
        }
        return claims
    }

    /** Fetches every key set that is not cached, so that the first verification does not wait. */
    public suspend fun warmUp(): Unit = native.await { it.warmUp(null) }

    /**
     * Loads the text of a JWK Set that was fetched elsewhere at [fetchedAt], unless the cached one is newer: for cold
     * starts without network. It keeps the age at which it was fetched.
     *
     * @param issuer One of the issuer's names. `null` will do where there is one issuer.
     * @throws M2mException.InvalidConfig when the set is not usable, or no fetched key set is the
     *   issuer's.
     */
    @JvmOverloads
    public fun seedJwks(jwks: String, fetchedAt: Instant, issuer: String? = null): Unit =
        native.call { it.seedJwks(issuer, jwks, fetchedAt) }

    /** The cached key sets that were fetched, for [seedJwks]. */
    public fun exportJwks(): List<ExportedKeySet> = native.call { it.exportJwks() }.map { it.toPublic() }

    /** The state of each issuer's key set. Fetches nothing. */
    public fun health(): List<KeySetHealth> = native.call { it.health() }.map { it.toPublic() }

    /** Counters of the key caches of all issuers. */
    public fun stats(): CacheStats = native.call { it.stats() }.toPublic()

    /** Frees the verifier. Later calls throw [M2mException.InvalidConfig]. */
    override fun close(): Unit = native.close()

    override fun toString(): String = "TokenVerifier"
}

/** Text that can cross: half of a surrogate pair becomes a question mark, which no token holds. */
internal fun String.asText(): String = if (any { it.isSurrogate() }) String(toByteArray()) else this

internal fun nativeVerifier(
    issuers: List<IssuerConfig>,
    transport: TransportSettings,
    verifiedTokenCacheSize: Int = 0,
    issuerResolver: IssuerResolver? = null,
): Handle<NativeTokenVerifier> =
    translated {
        val resolver = issuerResolver?.toNative()
        val settings = VerifierSettings(issuers.map { it.toNative() }, resolver, verifiedTokenCacheSize.toLong(), transport)
        Handle("verifier", NativeTokenVerifier(settings))
    }
