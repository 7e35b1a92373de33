package io.github.stytchm2m

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Where the caller's code goes on. */
internal class DispatchingTest {
    @Test
    fun `without a dispatcher, code goes on where it may block`() = test {
        Client().use { client ->
            withContext(Dispatchers.Unconfined) {
                client.m2m.clients.search(limit = 1)
                val thread = Thread.currentThread().name
                runBlocking { client.m2m.clients.search(limit = 1) }
                assertTrue("stytch-m2m" in thread, thread)
            }
        }
    }
}
