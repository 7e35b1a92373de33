package io.github.stytchm2m

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.asCoroutineDispatcher
import java.util.concurrent.SynchronousQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicLong

private val number = AtomicLong()

/**
 * Threads on which waiting calls continue. Code attached to a future runs here too, and may itself wait for other
 * calls, so a thread is added when all are busy. A thread ends after 10 idle seconds, and none keeps the JVM alive.
 */
internal val Workers: CoroutineDispatcher =
    ThreadPoolExecutor(0, Int.MAX_VALUE, 10, TimeUnit.SECONDS, SynchronousQueue()) { task ->
        Thread(task, "stytch-m2m-${number.incrementAndGet()}").apply { isDaemon = true }
    }.asCoroutineDispatcher()
