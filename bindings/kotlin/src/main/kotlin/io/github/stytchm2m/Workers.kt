package io.github.stytchm2m

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.asCoroutineDispatcher
import java.util.concurrent.SynchronousQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicLong

private val number = AtomicLong()

/**
 * Where calls go on that have waited. What is hung on a future runs here, too, and may itself wait for
 * other calls: so there is always one more thread. Those that idle for 10 seconds end, and none keeps the
 * JVM alive.
 */
internal val Workers: CoroutineDispatcher =
    ThreadPoolExecutor(0, Int.MAX_VALUE, 10, TimeUnit.SECONDS, SynchronousQueue()) { task ->
        Thread(task, "stytch-m2m-${number.incrementAndGet()}").apply { isDaemon = true }
    }.asCoroutineDispatcher()
