package io.github.stytchm2m

import io.github.stytchm2m.internal.CacheStats as NativeCacheStats
import io.github.stytchm2m.internal.ClientStats as NativeClientStats
import io.github.stytchm2m.internal.ExportedKeySet as NativeExportedKeySet
import io.github.stytchm2m.internal.KeySetHealth as NativeKeySetHealth
import io.github.stytchm2m.internal.KeySetState as NativeKeySetState

internal fun NativeCacheStats.toPublic(): CacheStats =
    CacheStats(
        hits.toLong(),
        misses.toLong(),
        refreshes.toLong(),
        failures.toLong(),
        staleServed.toLong(),
        flightsJoined.toLong(),
    )

internal fun NativeClientStats.toPublic(): ClientStats = ClientStats(tokens.toPublic(), keys.toPublic())

internal fun NativeKeySetHealth.toPublic(): KeySetHealth =
    KeySetHealth(
        issuer,
        state.toPublic(),
        keys.toLong(),
        skippedKeys,
        fetchedAt,
        age,
        failures.toLong(),
        lastFailure,
        lastFailureMessage,
        retryAfter,
        unknownKids.toLong(),
        cooldownHits.toLong(),
    )

private fun NativeKeySetState.toPublic(): KeySetState =
    when (this) {
        NativeKeySetState.FRESH -> KeySetState.FRESH
        NativeKeySetState.STALE -> KeySetState.STALE
        NativeKeySetState.EXPIRED -> KeySetState.EXPIRED
        NativeKeySetState.MISSING -> KeySetState.MISSING
    }

internal fun NativeExportedKeySet.toPublic(): ExportedKeySet = ExportedKeySet(issuer, jwks, fetchedAt)
