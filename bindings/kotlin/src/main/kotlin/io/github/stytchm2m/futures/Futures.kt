package io.github.stytchm2m.futures

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.future.future
import java.util.concurrent.CompletableFuture
import kotlin.coroutines.CoroutineContext

/** Where the coroutines behind futures run. It has no job: one that fails concerns no other. */
private object Scope : CoroutineScope {
    override val coroutineContext: CoroutineContext = Dispatchers.Default
}

/** [call] as a future. To cancel the future cancels the call. */
internal fun <T> futureOf(call: suspend () -> T): CompletableFuture<T> = Scope.future { call() }

/** As [futureOf], for a call without a result. */
internal fun futureOfNothing(call: suspend () -> Unit): CompletableFuture<Void?> =
    Scope.future {
        call()
        null
    }
