package io.github.stytchm2m

import java.time.Duration
import java.time.Instant
import kotlin.reflect.KProperty0

/**
 * What a cache did since it was made. The numbers only grow.
 *
 * @property hits Calls answered from the cache.
 * @property misses Calls that waited for a request, or failed because no request was allowed.
 * @property refreshes Requests that succeeded, in the background or not.
 * @property failures Requests that failed.
 * @property staleServed Calls answered with a stale value because a refresh had failed.
 * @property flightsJoined Calls that joined a request already under way.
 */
public class CacheStats internal constructor(
    public val hits: Long,
    public val misses: Long,
    public val refreshes: Long,
    public val failures: Long,
    public val staleServed: Long,
    public val flightsJoined: Long,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> =
        listOf(
            ::hits,
            ::misses,
            ::refreshes,
            ::failures,
            ::staleServed,
            ::flightsJoined,
        )
}

/**
 * What a [Client]'s caches did.
 *
 * @property tokens The cache of access tokens.
 * @property keys The cache of verification keys.
 */
public class ClientStats internal constructor(
    public val tokens: CacheStats,
    public val keys: CacheStats,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::tokens, ::keys)
}

/**
 * The state of an issuer's key set.
 *
 * @property issuer The first of the issuer's names.
 * @property state The state of the key set.
 * @property keys Number of keys that can verify tokens.
 * @property skippedKeys The other keys of the key set, each with the reason why it verifies nothing.
 * @property fetchedAt When the key set was last got from its server; `null` without one.
 * @property age Time since then.
 * @property failures Consecutive failed fetches.
 * @property lastFailure The code of the last of them, such as `timeout`.
 * @property lastFailureMessage The message of that error, such as the limit that a key set exceeds.
 * @property retryAfter Time until the next fetch is allowed after a failure.
 * @property unknownKids Verifications of tokens whose `kid` was not in the key set.
 * @property cooldownHits How many of these did not trigger a fetch because of the cooldown.
 */
public class KeySetHealth internal constructor(
    public val issuer: String,
    public val state: KeySetState,
    public val keys: Long,
    public val skippedKeys: List<String>,
    public val fetchedAt: Instant?,
    public val age: Duration?,
    public val failures: Long,
    public val lastFailure: String?,
    public val lastFailureMessage: String?,
    public val retryAfter: Duration?,
    public val unknownKids: Long,
    public val cooldownHits: Long,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> =
        listOf(
            ::issuer,
            ::state,
            ::keys,
            ::skippedKeys,
            ::fetchedAt,
            ::age,
            ::failures,
            ::lastFailure,
            ::lastFailureMessage,
            ::retryAfter,
            ::unknownKids,
            ::cooldownHits,
        )
}

/** The state of a key set. */
public enum class KeySetState {
    /** Within the lifetime that its server gave it, or configured and never fetched. */
    FRESH,

    /** Older than its lifetime but still used, since it could not be refreshed. */
    STALE,

    /** Older than `maxKeyAge`: verification fails with `keysUnavailable`. */
    EXPIRED,

    /** Not fetched yet: the first verification waits for it. */
    MISSING,
    ;

    /** The stable name, the same in every language: `fresh`, `stale`, ... */
    public val code: String = name.lowercase()
}

/**
 * A key set to pass to another process, such as a function's snapshot or a restart without network.
 *
 * @property issuer The first of the issuer's names.
 * @property jwks The text of the JWK Set, as its server sent it. It contains only public keys.
 * @property fetchedAt When it was fetched.
 */
public class ExportedKeySet internal constructor(
    public val issuer: String,
    public val jwks: String,
    public val fetchedAt: Instant,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::issuer, ::jwks, ::fetchedAt)
}
