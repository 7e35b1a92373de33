package io.github.stytchm2m

import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Duration
import java.time.Instant
import java.util.UUID

/** The life of an M2M client, with the settings of the environment. */
internal class LifecycleTest {
    @Test
    fun `a client is created, read, changed and deleted`() = test {
        Client().use { client ->
            val created = client.m2m.clients.create(
                scopes = listOf("read:users"),
                clientName = "worker",
                clientDescription = "does the work",
                trustedMetadata = """{"team":"payments"}""",
            )
            assertEquals(200, created.statusCode)
            assertTrue(created.requestId.isNotEmpty())
            val worker = created.m2mClient
            assertEquals(worker.clientSecretLastFour, worker.clientSecret.reveal().takeLast(4))
            assertEquals(ClientStatus.ACTIVE, worker.status)
            assertEquals("""{"team":"payments"}""", worker.trustedMetadata)
            assertNull(worker.nextClientSecretLastFour)
            assertEquals(worker.client, client.m2m.clients.get(worker.clientId).m2mClient)

            val updated = client.m2m.clients.update(
                worker.clientId,
                scopes = listOf("read:users", "write:users"),
                status = ClientStatus.INACTIVE,
            ).m2mClient
            assertEquals(listOf("read:users", "write:users"), updated.scopes)
            assertEquals(ClientStatus.INACTIVE, updated.status)
            assertEquals("worker", updated.clientName)

            assertEquals(worker.clientId, client.m2m.clients.delete(worker.clientId).clientId)
            val gone = failure<M2mException.NotFound> { client.m2m.clients.get(worker.clientId) }
            assertEquals(404, gone.statusCode)
        }
    }

    @Test
    fun `an id and a secret of one's own are kept`() = test {
        Client().use { client ->
            val (id, secret) = "m2m-client-test-${UUID.randomUUID()}" to Secret("a-secret-of-my-own")
            val created = client.m2m.clients.create(emptyList(), id, secret).m2mClient
            assertEquals(id, created.clientId)
            assertEquals(secret, created.clientSecret)
            client.m2m.clients.delete(id)
        }
    }

    @Test
    fun `search finds by name and scope, and searchAll follows the pages`() = test {
        Client().use { client ->
            val name = "searched ${UUID.randomUUID()}"
            val ids = List(5) {
                client.m2m.clients.create(listOf("read:users"), clientName = name).m2mClient.clientId
            }
            val byName = SearchQuery(listOf(SearchFilter.ClientName(listOf(name))))
            val page = client.m2m.clients.search(byName, limit = 2)
            assertEquals(2, page.m2mClients.size)
            assertEquals(5, page.resultsMetadata.total)
            val second = client.m2m.clients.search(byName, 2, page.resultsMetadata.nextCursor)
            assertEquals(4, (page.m2mClients + second.m2mClients).distinctBy { it.clientId }.size)

            val all = client.m2m.clients.searchAll(byName, limit = 2).map { it.clientId }.toList()
            assertEquals(ids.toSet(), all.toSet())
            assertEquals(5, all.size)

            val either = SearchQuery(
                listOf(SearchFilter.ClientId(ids.take(1)), SearchFilter.Scopes(listOf("no:such"))),
                SearchOperator.OR,
            )
            assertEquals(ids.take(1), client.m2m.clients.search(either).m2mClients.map { it.clientId })
            ids.forEach { client.m2m.clients.delete(it) }
        }
    }

    @Test
    fun `a secret is rotated in two phases`() = test {
        Client().use { client ->
            val clients = client.m2m.clients
            val created = clients.create(listOf("read:users")).m2mClient
            val id = created.clientId
            val started = clients.secrets.rotateStart(id).m2mClient
            assertEquals(started.nextClientSecretLastFour, started.nextClientSecret.reveal().takeLast(4))
            failure<M2mException.Conflict> { clients.secrets.rotateStart(id) }
            client.m2m.token(id, created.clientSecret)
            client.m2m.token(id, started.nextClientSecret)
            assertNull(clients.secrets.rotateCancel(id).m2mClient.nextClientSecretLastFour)

            val next = clients.secrets.rotateStart(id).m2mClient.nextClientSecret
            assertEquals(next.reveal().takeLast(4), clients.secrets.rotate(id).m2mClient.clientSecretLastFour)
            failure<M2mException.Authentication> {
                client.m2m.token(id, created.clientSecret, forceRefresh = true)
            }
            client.m2m.token(id, next)
            clients.delete(id)
        }
    }

    @Test
    fun `a token is fetched, cached and verified`() = test {
        B2BClient().use { client ->
            val created = client.m2m.clients.create(listOf("read:users", "write:users")).m2mClient
            val token = client.m2m.token(created.clientId, created.clientSecret)
            assertEquals(token.accessToken, client.m2m.token(created.clientId, created.clientSecret).accessToken)
            assertEquals(1, Emulator.tokenRequests(created.clientId))
            assertEquals("bearer", token.tokenType)
            assertTrue(token.expiresIn.seconds in 3500..3600)
            assertTrue(Duration.between(Instant.now(), token.expiresAt).toMinutes() in 58..60)

            val narrow = client.m2m.token(created.clientId, created.clientSecret, listOf("read:users"))
            assertNotEquals(token.accessToken, narrow.accessToken)

            val claims = client.m2m.authenticateToken(token.accessToken, listOf("read:users"))
            assertEquals(created.clientId, claims.clientId)
            assertEquals(listOf("read:users", "write:users"), claims.scopes)
            assertEquals(listOf(Emulator.projectId), claims.audience)
            assertTrue(claims.issuedAt!! <= Instant.now())
            assertEquals(3600, Duration.between(claims.issuedAt, claims.expiresAt).seconds)
            client.m2m.clients.delete(created.clientId)
        }
    }
}
