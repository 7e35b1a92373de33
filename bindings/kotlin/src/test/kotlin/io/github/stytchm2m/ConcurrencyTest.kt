package io.github.stytchm2m

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** Many calls at once that each ask the server. */
internal class ConcurrencyTest {
    @Test
    fun `a thousand requests at once are answered`() = test {
        Client().use { client ->
            val id = client.m2m.clients.create(emptyList()).m2mClient.clientId
            val answers = coroutineScope {
                List(1000) { async(Dispatchers.Default) { client.m2m.clients.get(id).m2mClient.clientId } }
                    .awaitAll()
            }
            assertEquals(List(1000) { id }, answers)
        }
    }

    @Test
    fun `a thousand requests at once are cancelled, and the client goes on`() = test {
        Client().use { client ->
            val id = client.m2m.clients.create(emptyList()).m2mClient.clientId
            coroutineScope {
                val calls = List(1000) { launch(Dispatchers.Default) { client.m2m.clients.get(id) } }
                calls.forEach { it.cancelAndJoin() }
            }
            assertEquals(id, client.m2m.clients.get(id).m2mClient.clientId)
        }
    }
}
