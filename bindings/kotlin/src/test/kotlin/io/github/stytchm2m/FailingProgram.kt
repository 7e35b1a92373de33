package io.github.stytchm2m

import kotlinx.coroutines.runBlocking
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.logging.Handler
import java.util.logging.LogRecord
import java.util.logging.Logger

/** A program that gets no token, and ends when that has been logged by `java.util.logging`. */
internal object FailingProgram {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val logged = CountDownLatch(1)
        val logger = Logger.getLogger("io.github.stytchm2m")
        logger.addHandler(object : Handler() {
            override fun publish(record: LogRecord) {
                println(record.message)
                logged.countDown()
            }

            override fun flush() = Unit

            override fun close() = Unit
        })
        TokenSource("id", Secret("secret"), tokenUrl = "${closedPort()}/token").use { source ->
            runBlocking { failure<M2mException.Network> { source.getToken() } }
        }
        check(logged.await(30, TimeUnit.SECONDS)) { "nothing was logged" }
    }
}
