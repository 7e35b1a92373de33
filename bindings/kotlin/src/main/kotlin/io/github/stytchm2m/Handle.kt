package io.github.stytchm2m

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicReference

/** A native object, until it is closed. Calls under way at that time complete normally. */
internal class Handle<T : AutoCloseable>(val thing: String, native: T) : AutoCloseable {
    private val native = AtomicReference<T?>(native)

    init {
        Logging.start()
    }

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

    /**
     * As [call], for what suspends. A native thread resumes it: that thread serves every call, and must
     * not run the code of a caller without a dispatcher, which may block.
     */
    suspend fun <R> await(block: suspend (T) -> R): R = withContext(Workers) { call { block(it) } }

    fun orNull(): T? = native.get()

    override fun close() {
        native.getAndSet(null)?.close()
    }
}
