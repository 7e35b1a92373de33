package io.github.stytchm2m.blocking

import io.github.stytchm2m.cancelled
import kotlinx.coroutines.runBlocking

/** Waits for [call] on this thread. */
internal fun <T> blocking(call: suspend () -> T): T =
    try {
        runBlocking { call() }
    } catch (_: InterruptedException) {
        Thread.currentThread().interrupt()
        cancelled("interrupted while waiting")
    }
