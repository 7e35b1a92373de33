package io.github.stytchm2m.blocking

import io.github.stytchm2m.cancelled
import kotlinx.coroutines.runBlocking

/** Blocks this thread until [call] returns. */
internal fun <T> blocking(call: suspend () -> T): T =
    try {
        runBlocking { call() }
    } catch (_: InterruptedException) {
        Thread.currentThread().interrupt()
        cancelled("interrupted while waiting")
    }
