package io.github.stytchm2m

import ch.qos.logback.classic.Level
import ch.qos.logback.classic.Logger
import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.AppenderBase
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.fail
import org.slf4j.LoggerFactory
import java.io.File
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/** The core's log events reach the logs of the JVM. */
internal class LoggingTest {
    private val events = LinkedBlockingQueue<ILoggingEvent>()
    private val logger = LoggerFactory.getLogger("io.github.stytchm2m") as Logger
    private val appender = object : AppenderBase<ILoggingEvent>() {
        override fun append(event: ILoggingEvent) {
            events.add(event)
        }
    }

    @BeforeEach
    fun listen() {
        appender.start()
        logger.level = Level.DEBUG
        logger.isAdditive = false
        logger.addAppender(appender)
    }

    @AfterEach
    fun stop() {
        logger.detachAppender(appender)
        logger.level = null
        logger.isAdditive = true
    }

    @Test
    fun `slf4j gets each request, with its operation, host, id and time`() = test {
        Client().use { client ->
            val created = client.m2m.clients.create(scopes = listOf("read:users"))
            val event = await { it.message.startsWith("answered") && created.requestId in it.message }
            val fields = event.keyValuePairs.associate { it.key to it.value }
            assertEquals("200", fields["status"])
            assertEquals("create", fields["operation"])
            assertEquals("POST", fields["method"])
            assertEquals(Emulator.baseUrl.substringAfter("://"), fields["host"])
            assertTrue(fields.getValue("path").toString().endsWith("/m2m/clients"), "$fields")
            assertEquals(created.requestId, fields["request_id"])
            assertTrue(fields.getValue("elapsed_ms").toString().toLong() in 0..60_000, "$fields")
            assertTrue("status=200" in event.formattedMessage, event.formattedMessage)
            assertEquals(Level.DEBUG, event.level)
        }
    }

    @Test
    fun `a failure is a warning, and no event holds a secret`() = test {
        Client().use { client ->
            val created = client.m2m.clients.create(listOf("read:users")).m2mClient
            val token = client.m2m.token(created.clientId, created.clientSecret)
            client.m2m.authenticateToken(token.accessToken)
            val canary = "canary-of-a-wrong-secret"
            failure<M2mException.Authentication> { client.m2m.token(created.clientId, Secret(canary)) }
            val secrets = listOf(canary, created.clientSecret.reveal(), token.accessToken.reveal())
            val warning = await(each = { event -> assertFalse(secrets.any { it in event.toString() }, event.message) }) {
                it.level == Level.WARN && "code=authentication" in it.message
            }
            assertTrue("access token not fetched" in warning.message, warning.message)
        }
    }

    @Test
    fun `a handler that hangs stops no call`() = test {
        val release = java.util.concurrent.CountDownLatch(1)
        val slow = object : AppenderBase<ILoggingEvent>() {
            override fun append(event: ILoggingEvent) = release.await()
        }
        slow.start()
        logger.addAppender(slow)
        try {
            Client().use { client ->
                repeat(20) { client.m2m.clients.search(limit = 1) }
            }
        } finally {
            logger.detachAppender(slow)
            release.countDown()
        }
    }

    @Test
    fun `without slf4j the events go to java util logging`() {
        val withoutSlf4j = System.getProperty("java.class.path").split(File.pathSeparator)
            .filterNot { "slf4j" in it || "logback" in it }
        val process = ProcessBuilder(
            "${System.getProperty("java.home")}/bin/java",
            "-cp",
            withoutSlf4j.joinToString(File.pathSeparator),
            "io.github.stytchm2m.FailingProgram",
        ).redirectErrorStream(true).start()
        try {
            val shown = process.inputStream.bufferedReader().readText()
            assertTrue(process.waitFor(1, TimeUnit.MINUTES), shown)
            assertEquals(0, process.exitValue(), shown)
            assertTrue("access token not fetched code=network" in shown, shown)
        } finally {
            process.destroyForcibly()
        }
    }

    private fun await(each: (ILoggingEvent) -> Unit = {}, wanted: (ILoggingEvent) -> Boolean): ILoggingEvent {
        while (true) {
            val event = events.poll(30, TimeUnit.SECONDS) ?: fail("no such event")
            each(event)
            if (wanted(event)) return event
        }
    }
}
