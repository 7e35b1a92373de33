package com.stytch.m2m

import kotlinx.coroutines.CancellationException
import java.util.concurrent.atomic.AtomicReference

/** A native object until it is closed. Calls under way at that time end normally. */
internal class Handle<T : AutoCloseable>(val thing: String, native: T) : AutoCloseable {
    private val native = AtomicReference<T?>(native)

    /** What [block] returns, or its failure as an [M2mException]. */
    inline fun <R> call(block: (T) -> R): R {
        val open = orNull() ?: closed(thing)
        return try {
            translated { block(open) }
        } catch (error: IllegalStateException) {
            // Closed since: the generated code said so. A cancellation is of this class, too.
            if (error !is CancellationException && orNull() == null) closed(thing) else throw error
        }
    }

    fun orNull(): T? = native.get()

    override fun close() {
        native.getAndSet(null)?.close()
    }
}
