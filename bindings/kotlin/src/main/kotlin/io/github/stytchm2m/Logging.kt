package io.github.stytchm2m

import io.github.stytchm2m.internal.LogEvent
import io.github.stytchm2m.internal.LogLevel
import io.github.stytchm2m.internal.awaitLogEvents
import io.github.stytchm2m.internal.keepLogEvents
import io.github.stytchm2m.internal.nextLogEvents
import org.slf4j.LoggerFactory
import java.util.logging.Logger
import kotlin.concurrent.thread
import java.util.logging.Level as JulLevel
import org.slf4j.event.Level as Slf4jLevel

private const val LOGGER = "io.github.stytchm2m"

/** How long the end of the process waits for events that were not passed on yet. */
private const val END_MILLISECONDS = 1_000u

/**
 * Passes the core's log events on to SLF4J 2 if it is on the class path, and to `java.util.logging` otherwise, which
 * Android has, too. A thread of its own does that, since a log handler may take its time.
 */
internal object Logging {
    init {
        if (keepLogEvents()) {
            runCatching { Runtime.getRuntime().addShutdownHook(Thread { awaitLogEvents(END_MILLISECONDS) }) }
            thread(isDaemon = true, name = "stytch-m2m-log") {
                val log = handler()
                while (true) {
                    val batch = nextLogEvents()
                    // A handler that fails must not end the log.
                    batch.events.forEach { runCatching { log(it) } }
                    if (batch.dropped > 0u) {
                        runCatching { log(LogEvent(LogLevel.WARN, "${batch.dropped} log events dropped", emptyList())) }
                    }
                }
            }
        }
    }

    /** Starts it, at the first call. */
    fun start() = Unit

    private fun handler(): (LogEvent) -> Unit =
        try {
            // SLF4J 1 has no such class.
            Class.forName("org.slf4j.spi.LoggingEventBuilder")
            Slf4j()
        } catch (_: ClassNotFoundException) {
            Jul()
        }
}

private class Slf4j : (LogEvent) -> Unit {
    private val logger = LoggerFactory.getLogger(LOGGER)

    override fun invoke(event: LogEvent) {
        var line = logger.atLevel(event.level.toSlf4j())
        event.fields.forEach { line = line.addKeyValue(it.name, it.value) }
        line.log(event.text())
    }

    private fun LogLevel.toSlf4j() =
        when (this) {
            LogLevel.ERROR -> Slf4jLevel.ERROR
            LogLevel.WARN -> Slf4jLevel.WARN
            LogLevel.INFO -> Slf4jLevel.INFO
            LogLevel.DEBUG -> Slf4jLevel.DEBUG
        }
}

private class Jul : (LogEvent) -> Unit {
    private val logger = Logger.getLogger(LOGGER)

    override fun invoke(event: LogEvent) = logger.log(event.level.toJul(), event.text())

    private fun LogLevel.toJul() =
        when (this) {
            LogLevel.ERROR -> JulLevel.SEVERE
            LogLevel.WARN -> JulLevel.WARNING
            LogLevel.INFO -> JulLevel.INFO
            LogLevel.DEBUG -> JulLevel.FINE
        }
}

/** For people: `answered status=200 method=POST ...`. */
private fun LogEvent.text(): String = message + fields.joinToString("") { " ${it.name}=${it.value}" }
