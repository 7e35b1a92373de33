package io.github.stytchm2m

import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test

/** The organization of a client, in the token and in the check. */
internal class RequiredOrganizationTest {
    private val issuer = TestIssuer()
    private val acme = issuer.token(""""org_id":"acme","scope":"read:users"""")
    private val nobodys = issuer.token()

    @Test
    fun `a token must belong to the organization that is required`() = test {
        TokenVerifier(listOf(issuer.config)).use { verifier ->
            for (right in listOf(null, RequiredOrganization.exactly("acme"), RequiredOrganization.any())) {
                assertEquals("acme", verifier.authenticateToken(acme, organization = right).organization)
            }
            assertNull(verifier.authenticateToken(nobodys).organization)
            val wrong = listOf("globex", "Acme", "acme ", "", null).map { RequiredOrganization.exactly(it) }
            for (organization in wrong) refuses(verifier, acme, organization)
            for (organization in wrong + RequiredOrganization.any()) refuses(verifier, nobodys, organization)
        }
    }

    private suspend fun refuses(verifier: TokenVerifier, token: String, organization: RequiredOrganization) {
        val refused = failure<M2mException.InsufficientScope> {
            verifier.authenticateToken(token, organization = organization) { _, _ -> true }
        }
        assertEquals(InvalidTokenReason.WRONG_ORGANIZATION to 403, refused.reason to refused.httpStatus)
    }

    @Test
    fun `the claim is the one that the issuer's settings name`() = test {
        val token = issuer.token(""""tenant":{"id":"acme"},"org_id":"globex"""")
        for ((claim, wanted) in listOf("tenant.id" to "acme", "org_id" to "globex", null to null)) {
            val config = issuer.config.toBuilder().organizationClaim(claim).build()
            TokenVerifier(listOf(config)).use { assertEquals(wanted, it.authenticateToken(token).organization) }
        }
    }

    @Test
    fun `a client is created for an organization, found by it and moved to another`() = test {
        Client().use { client ->
            val clients = client.m2m.clients
            val id = "org-${System.nanoTime()}"
            val created = clients.create(emptyList(), organizationId = id).m2mClient
            assertEquals(id, created.organizationId)
            assertEquals("""{"organization_id":"$id"}""", created.trustedMetadata)
            assertEquals(listOf(created.clientId), clients.searchAll(organizationId = id).toList().map { it.clientId })
            assertEquals("$id-2", clients.update(created.clientId, organizationId = "$id-2").m2mClient.organizationId)
            assertEquals(emptyList<M2mClient>(), clients.searchAll(organizationId = id).toList())
            clients.delete(created.clientId)
        }
        Client(organizationKey = "customer").use { client ->
            val created = client.m2m.clients.create(emptyList(), organizationId = "acme").m2mClient
            assertEquals("""{"customer":"acme"}""", created.trustedMetadata)
            client.m2m.clients.delete(created.clientId)
        }
    }
}
