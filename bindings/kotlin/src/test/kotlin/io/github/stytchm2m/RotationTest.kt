package io.github.stytchm2m

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

/** Whole rotations, whose steps `tests/scenarios` has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
internal class RotationTest {
    private val client = Client()
    private val clients = client.m2m.clients

    @AfterAll
    fun close() = client.close()

    private suspend fun create() = clients.create(emptyList(), idempotent = true).m2mClient

    @Test
    fun `the secret that was stored is the only one`() = test {
        val created = create()
        val stored = CompletableDeferred<Secret>()
        val rotated = clients.secrets.rotateWith(created.clientId) { next ->
            client.m2m.token(created.clientId, created.clientSecret)
            stored.complete(next)
        }
        assertNull(rotated.m2mClient.nextClientSecretLastFour)
        client.m2m.token(created.clientId, stored.await(), forceRefresh = true)
        failure<M2mException.Authentication> {
            client.m2m.token(created.clientId, created.clientSecret, forceRefresh = true)
        }
    }

    @Test
    fun `the current secret given as the next one ends nothing`() = test {
        val created = create()
        val next = clients.secrets.rotateStart(created.clientId).m2mClient.nextClientSecret
        val refused = failure<M2mException.Conflict> {
            clients.secrets.rotateFinish(created.clientId, created.clientSecret)
        }
        assertTrue(refused.recovery!! in refused.message!!)
        client.m2m.token(created.clientId, created.clientSecret, forceRefresh = true)
        clients.secrets.rotateFinish(created.clientId, next)
    }

    @Test
    fun `the store's own exception comes out`() = test {
        val created = create()
        val own = IllegalStateException("the vault is closed")
        val thrown = failure<IllegalStateException> {
            clients.secrets.rotateWith(created.clientId) { throw own }
        }
        assertSame(own, thrown)
        assertEquals(created.client, clients.get(created.clientId).m2mClient)
    }

    @Test
    fun `a rotation that cannot be cancelled either is told beside the store's exception`() = test {
        val created = create()
        val thrown = failure<IllegalStateException> {
            clients.secrets.rotateWith(created.clientId) {
                clients.delete(created.clientId)
                error("the vault is closed")
            }
        }
        assertEquals("not_found", (thrown.suppressed.single() as M2mException).code)
    }

    @Test
    fun `who is cancelled while storing leaves no rotation behind`() = test {
        val created = create()
        coroutineScope {
            val storing = CompletableDeferred<Unit>()
            val rotation = async(Dispatchers.Default) {
                clients.secrets.rotateWith(created.clientId) {
                    storing.complete(Unit)
                    awaitCancellation()
                }
            }
            storing.await()
            rotation.cancel()
            failure<CancellationException> { rotation.await() }
            rotation.join()
        }
        assertEquals(created.client, clients.get(created.clientId).m2mClient)
    }
}
