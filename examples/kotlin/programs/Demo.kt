/*
 * The main job, end to end: create a client, fetch a token, verify it, refuse what must be refused.
 *
 * `cargo xtask demo kotlin` runs it on the emulator. With `STYTCH_PROJECT_ID`, `STYTCH_SECRET` and
 * `STYTCH_BASE_URL` set it runs against that server.
 */
package io.github.stytchm2m.examples

import io.github.stytchm2m.Client
import io.github.stytchm2m.ClientStatus
import io.github.stytchm2m.M2mException
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers

fun main(): Unit = runBlocking { Client().use { tell(it) } }

private suspend fun tell(client: Client) {
    println("1. Create a client with scopes and metadata")
    val created = client.m2m.clients.create(
        clientName = "payments worker",
        scopes = listOf("read:users", "write:users"),
        trustedMetadata = """{"team":"payments"}""",
    ).m2mClient
    val (clientId, clientSecret) = created.clientId to created.clientSecret
    fact("client_id", clientId)
    fact("scopes", created.scopes.joinToString(" "))
    fact("metadata", created.trustedMetadata)

    println("2. Fetch a token")
    val token = client.m2m.token(clientId, clientSecret)
    fact("expires_in", "${token.expiresIn.seconds} s")
    fact("token requests", requests(clientId, "counted by the server"))

    println("3. Fetch it again")
    val again = client.m2m.token(clientId, clientSecret)
    check(again.accessToken == token.accessToken) { "the second fetch is another token" }
    fact("same token", "yes")
    fact("token requests", requests(clientId, "still: it came from the cache"))

    println("4. Authenticate it")
    val accessToken = token.accessToken
    val claims = client.m2m.authenticateToken(accessToken)
    check(claims.clientId == clientId) { "the token is another client's" }
    fact("client_id", claims.clientId)
    fact("scopes", claims.scopes.joinToString(" "))
    fact("custom_claims", claims.customClaims.json)

    println("5. Ask for a scope that it lacks")
    try {
        client.m2m.authenticateToken(accessToken, requiredScopes = listOf("delete:users"))
        error("expected insufficient_scope, got claims")
    } catch (error: M2mException.InsufficientScope) {
        fact("error", error.code)
        fact("missing_scopes", error.missingScopes.joinToString(" "))
    }

    println("6. Deactivate the client")
    client.m2m.clients.update(clientId, status = ClientStatus.INACTIVE)
    try {
        client.m2m.token(clientId, clientSecret, forceRefresh = true)
        error("an inactive client got a token")
    } catch (error: M2mException.Authentication) {
        fact("a new token", "refused: ${error.code} (HTTP ${error.statusCode})")
    }
    fact("the old token", "still verifies for ${client.m2m.authenticateToken(accessToken).clientId}")

    println("7. Delete the client")
    fact("deleted", client.m2m.clients.delete(clientId).clientId)
}

private fun fact(name: String, value: String?) = println("   ${name.padEnd(15)} $value")

/** How many tokens the server was asked for, where it is an emulator and counts. */
private fun requests(clientId: String, remark: String): String {
    val baseUrl = System.getenv("STYTCH_BASE_URL").orEmpty()
    val count = count("$baseUrl/_emulator/counts?client_id=$clientId") ?: return "not shown by this server"
    check(count == 1) { "$count token requests, where one was needed" }
    return "1 ($remark)"
}

private fun count(url: String): Int? =
    try {
        val request = HttpRequest.newBuilder(URI(url)).build()
        val body = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body()
        Regex(""""token":\s*(\d+)""").find(body)?.groupValues?.get(1)?.toInt()
    } catch (_: IOException) {
        null
    } catch (_: IllegalArgumentException) {
        null
    }
