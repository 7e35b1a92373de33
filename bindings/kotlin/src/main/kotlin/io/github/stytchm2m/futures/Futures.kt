package io.github.stytchm2m.futures

import io.github.stytchm2m.Workers
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.future.future
import java.util.concurrent.CompletableFuture
import kotlin.coroutines.CoroutineContext

/** Where the coroutines behind futures run. It has no job: one that fails concerns no other. */
private object Scope : CoroutineScope {
    override val coroutineContext: CoroutineContext = Workers
}

/**
 * [call] as a future, started at once: a cached result is there when this returns. Cancelling the future cancels the
 * call.
 */
internal fun <T> futureOf(call: suspend () -> T): CompletableFuture<T> =
    Scope.future(start = CoroutineStart.UNDISPATCHED) { call() }

/** As [futureOf], for a call that runs a function of the user's, which may wait: not on the caller's thread. */
internal fun <T> futureApart(call: suspend () -> T): CompletableFuture<T> = Scope.future { call() }
