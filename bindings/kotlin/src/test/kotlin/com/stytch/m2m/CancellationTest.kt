package com.stytch.m2m

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.time.Duration
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.milliseconds

/** A cancelled coroutine ends its request. */
internal class CancellationTest {
    /** A server that reads one request, never answers, and notices when its peer goes away. */
    private class SilentServer : AutoCloseable {
        private val socket = ServerSocket(0, 1, InetAddress.getLoopbackAddress())
        val baseUrl = "http://127.0.0.1:${socket.localPort}"
        val asked = CompletableDeferred<Unit>()
        val left = CompletableDeferred<Unit>()

        init {
            thread(isDaemon = true) {
                try {
                    socket.accept().use { peer ->
                        val input = peer.getInputStream()
                        input.read()
                        asked.complete(Unit)
                        input.readAllBytes()
                    }
                } catch (_: IOException) {
                    // A reset is a way of leaving.
                }
                left.complete(Unit)
            }
        }

        override fun close() = socket.close()
    }

    @Test
    fun `the server sees a cancelled request dropped`() = test {
        SilentServer().use { server ->
            Client(baseUrl = server.baseUrl).use { client ->
                coroutineScope {
                    val call = async(Dispatchers.Default) { client.m2m.clients.get("some-client") }
                    server.asked.await()
                    call.cancel()
                    failure<CancellationException> { call.await() }
                    server.left.await()
                }
            }
        }
    }

    @Test
    fun `a timeout of the coroutine ends the request, too`() = test {
        SilentServer().use { server ->
            Client(baseUrl = server.baseUrl).use { client ->
                failure<TimeoutCancellationException> {
                    withTimeout(500.milliseconds) { client.m2m.clients.get("some-client") }
                }
                server.left.await()
            }
        }
    }

    @Test
    fun `a call outlives the closing of its client`() = test {
        SilentServer().use { server ->
            val client = Client(baseUrl = server.baseUrl)
            coroutineScope {
                val call = async(Dispatchers.Default) { client.m2m.clients.get("some-client") }
                server.asked.await()
                client.close()
                assertEquals(false, server.left.isCompleted)
                call.cancel()
                server.left.await()
            }
        }
    }

    @Test
    fun `a call ends at its own timeout`() = test {
        SilentServer().use { server ->
            val timeouts = Timeouts(total = Duration.ofMillis(300))
            Client(baseUrl = server.baseUrl, timeouts = timeouts).use { client ->
                failure<M2mException.Timeout> { client.m2m.clients.get("some-client") }
                server.left.await()
            }
        }
    }
}
