package io.github.stytchm2m

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** A cancelled coroutine ends its request. */
internal class CancellationTest {
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
            val hurried = TransportConfig(totalTimeout = Duration.ofMillis(300))
            Client(baseUrl = server.baseUrl, transport = hurried).use { client ->
                failure<M2mException.Timeout> { client.m2m.clients.get("some-client") }
                server.left.await()
            }
        }
    }
}
