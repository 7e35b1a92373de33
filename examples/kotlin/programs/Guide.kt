/* The guide's snippets: each `[name]` to `[end]` is on one of its pages. Run as a whole. */

import io.github.stytchm2m.Client
import io.github.stytchm2m.ClientStatus
import io.github.stytchm2m.InvalidTokenReason
import io.github.stytchm2m.IssuerConfig
import io.github.stytchm2m.IssuerResolver
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.Refusal
import io.github.stytchm2m.RequiredOrganization
import io.github.stytchm2m.Secret
import io.github.stytchm2m.SecretSource
import io.github.stytchm2m.TokenSource
import io.github.stytchm2m.TokenVerifier
import io.github.stytchm2m.TransportConfig
import io.github.stytchm2m.tokenFromAuthorizationHeader
import io.github.stytchm2m.tokenFromAuthorizationHeaders
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

suspend fun main() {
    Client().use { client ->
        val (clientId, clientSecret) = create(client)
        val header = fetch(clientId, clientSecret)
        secrets(clientId, clientSecret)
        val verifier = verify(tokenFromAuthorizationHeader(header.reveal()))
        check(protect(verifier, listOf(header.reveal())) == null)
        check(protect(verifier, emptyList())?.status == 401)
        val token = tokenFromAuthorizationHeader(header.reveal())
        resolve(mapOf("stytch.com/${client.projectId}" to client.projectId)).use { it.authenticateToken(token) }
        forCustomer(client)
        try {
            customer(verifier, token, "acme")
            error("the token is of no customer")
        } catch (expected: M2mException.InsufficientScope) {
            check(expected.reason == InvalidTokenReason.WRONG_ORGANIZATION)
        }
        rotate(client, clientId)
        try {
            share(clientId, clientSecret)
            error("the old secret is gone")
        } catch (expected: M2mException.Authentication) {
            println(expected.code)
        }
        operate(verifier)
        remove(client, clientId)
    }
}

private suspend fun create(client: Client): Pair<String, Secret> {
    // [create]
    val created = client.m2m.clients.create(
        clientName = "billing worker",
        scopes = listOf("read:invoices"),
        idempotent = true, // a lost response does not lead to a second client
    ).m2mClient
    val clientId = created.clientId
    val clientSecret = created.clientSecret // shown only once

    client.m2m.clients.searchAll().collect { println("${it.clientId} ${it.status} ${it.scopes}") }
    // [end]
    return clientId to clientSecret
}

private suspend fun fetch(clientId: String, clientSecret: Secret): Secret {
    // [fetch]
    // STYTCH_PROJECT_ID, STYTCH_BASE_URL
    val source = TokenSource(clientId, clientSecret, scopes = listOf("read:invoices"))

    // From the cache while it is fresh; one request for all concurrent callers.
    val token = source.getToken()
    val header = token.authorizationHeader() // "Bearer ..."

    // When a server has refused this token with 401: the next call fetches a new one.
    source.invalidate(token.accessToken)
    // [end]
    return header
}

private suspend fun secrets(clientId: String, clientSecret: Secret) {
    val path: Path = Files.createTempFile("client-secret", "").also { Files.writeString(it, clientSecret.reveal()) }
    val vault = mapOf("billing" to clientSecret.reveal())
    // [credential]
    // Read again when the file changes, and when the server refuses the secret.
    val fromFile = TokenSource(clientId, SecretSource.file(path))
    fromFile.getToken()

    // Called at first use, and again when the server refuses the secret. It may suspend.
    val fromVault = TokenSource(clientId, SecretSource.function { vault.getValue("billing") })
    fromVault.getToken()
    // [end]
    Files.delete(path)
}

private suspend fun verify(token: Secret): TokenVerifier {
    // [verify]
    val verifier = TokenVerifier() // STYTCH_PROJECT_ID, STYTCH_BASE_URL
    verifier.warmUp() // optional: the first verification does not wait for the keys

    val claims = verifier.authenticateToken(
        token,
        requiredScopes = listOf("read:invoices"),
        maxTokenAge = Duration.ofHours(1),
    )
    println("${claims.clientId} ${claims.scopes} ${claims.customClaims}")
    // [end]
    return verifier
}

private fun resolve(customers: Map<String, String>): TokenVerifier {
    // [resolve]
    val resolver = IssuerResolver.function { iss: String ->
        val projectId = customers[iss] // your table of customers, such as a database
        projectId?.let { IssuerConfig.stytch(it) }
    }
    val verifier = TokenVerifier(emptyList(), issuerResolver = resolver)
    // [end]
    return verifier
}

private suspend fun forCustomer(client: Client) {
    // [organization-client]
    val created = client.m2m.clients.create(listOf("read:invoices"), organizationId = "acme").m2mClient
    client.m2m.clients.searchAll(organizationId = "acme").collect { println("${it.clientId} ${it.organizationId}") }
    // [end]
    client.m2m.clients.delete(created.clientId)
}

// [organization]
// Whose data a request for this organization may reach: its own, or an error.
private suspend fun customer(verifier: TokenVerifier, token: Secret, organization: String): String? =
    verifier.authenticateToken(token, organization = RequiredOrganization.exactly(organization)).organization
// [end]

// [protect]
// How a request with these `Authorization` headers is refused; `null` lets it in.
private suspend fun protect(verifier: TokenVerifier, headers: List<String>): Refusal? =
    try {
        val token = tokenFromAuthorizationHeaders(headers)
        verifier.authenticateToken(token, requiredScopes = listOf("read:invoices"))
        null
    } catch (error: M2mException) {
        // 401, 403 or 503 with its headers and body. Any other error is a fault of this service.
        error.refusal ?: throw error
    }
// [end]

private suspend fun rotate(client: Client, clientId: String) {
    val vault = mutableMapOf<String, Secret>()
    // [rotate]
    // Starts the rotation, gives you the next secret, tests it by fetching a token, and only then
    // makes it the only one. If storing fails, the rotation is cancelled; nothing else cancels it.
    client.m2m.clients.secrets.rotateWith(clientId) { next -> vault["billing"] = next }
    // [end]
    check("billing" in vault)
}

private suspend fun share(clientId: String, clientSecret: Secret) {
    val key = System.getenv("TOKEN_STORE_KEY") ?: "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoyMzQ1Njc="
    val url = System.getenv("REDIS_URL") ?: "redis://127.0.0.1:6379"
    // [share]
    val source = TokenSource(
        clientId,
        clientSecret,
        tokenStoreUrl = Secret(url), // rediss://... with TLS
        tokenStoreKey = Secret(key), // openssl rand -base64 32
    )
    source.getToken()
    // [end]
}

private fun operate(verifier: TokenVerifier) {
    // [operate]
    val transport = TransportConfig(
        attemptTimeout = Duration.ofSeconds(3),
        totalTimeout = Duration.ofSeconds(8),
        maxKeyAge = Duration.ofHours(12),
    )
    val client = Client(transport = transport)
    println(client.stats().tokens)
    for (keys in verifier.health()) {
        println("${keys.issuer} ${keys.state} ${keys.age}")
    }
    // [end]
}

private suspend fun remove(client: Client, clientId: String) {
    // [delete]
    // No new tokens from here on; existing tokens stay valid until they expire.
    client.m2m.clients.update(clientId, status = ClientStatus.INACTIVE)
    client.m2m.clients.delete(clientId)

    try {
        client.m2m.clients.get(clientId)
    } catch (error: M2mException.NotFound) {
        println("${error.code} ${error.requestId}") // not_found
    }
    // [end]
}
