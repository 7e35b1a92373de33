package io.github.stytchm2m.scenarios

import com.google.gson.GsonBuilder
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import io.github.stytchm2m.ClientResponse
import io.github.stytchm2m.CreateResponse
import io.github.stytchm2m.DeleteResponse
import io.github.stytchm2m.M2mClient
import io.github.stytchm2m.M2mException
import io.github.stytchm2m.RotateStartResponse
import io.github.stytchm2m.SearchResponse
import io.github.stytchm2m.Token
import io.github.stytchm2m.TokenClaims

private val gson = GsonBuilder().serializeNulls().create()

private fun json(vararg members: Pair<String, Any?>): JsonObject = gson.toJsonTree(mapOf(*members)).asJsonObject

internal fun shown(token: Token): JsonObject =
    json(
        "access_token" to token.accessToken.reveal(),
        "token_type" to token.tokenType,
        "status_code" to token.statusCode,
    )

internal fun shown(claims: TokenClaims): JsonObject =
    json(
        "client_id" to claims.clientId,
        "scopes" to claims.scopes,
        "custom_claims" to claims.customClaims.toMap(),
        "issuer" to claims.issuer,
        "audience" to claims.audience,
        "organization" to claims.organization,
    )

internal fun shown(client: M2mClient): JsonObject =
    json(
        "client_id" to client.clientId,
        "client_name" to client.clientName,
        "client_description" to client.clientDescription,
        "status" to client.status.name.lowercase(),
        "scopes" to client.scopes,
        "client_secret_last_four" to client.clientSecretLastFour,
        "next_client_secret_last_four" to client.nextClientSecretLastFour,
        "trusted_metadata" to client.trustedMetadata?.let { JsonParser.parseString(it) },
        "organization_id" to client.organizationId,
    )

internal fun shown(clients: List<M2mClient>) = gson.toJsonTree(clients.map { shown(it) })!!

internal fun shown(response: ClientResponse): JsonObject =
    json("m2m_client" to shown(response.m2mClient), "status_code" to response.statusCode)

internal fun shown(response: CreateResponse): JsonObject {
    val client = shown(response.m2mClient.client)
    client.addProperty("client_secret", response.m2mClient.clientSecret.reveal())
    return json("m2m_client" to client, "status_code" to response.statusCode)
}

internal fun shown(response: RotateStartResponse): JsonObject {
    val client = shown(response.m2mClient.client)
    client.addProperty("next_client_secret", response.m2mClient.nextClientSecret.reveal())
    return json("m2m_client" to client, "status_code" to response.statusCode)
}

internal fun shown(response: DeleteResponse): JsonObject =
    json("client_id" to response.clientId, "status_code" to response.statusCode)

internal fun shown(response: SearchResponse): JsonObject {
    val metadata = response.resultsMetadata
    return json(
        "m2m_clients" to shown(response.m2mClients),
        "results_metadata" to json("total" to metadata.total, "next_cursor" to metadata.nextCursor),
        "status_code" to response.statusCode,
    )
}

internal fun shown(error: M2mException): JsonObject =
    json(
        "code" to error.code,
        "field" to error.field,
        "status_code" to error.statusCode,
        "request_id" to error.requestId,
        "error_type" to error.errorType,
        "error_message" to error.errorMessage,
        "error_url" to error.errorUrl,
        "retry_after" to error.retryAfter?.let { it.toMillis() / 1e3 },
        "reason" to error.reason?.code,
        "claim" to error.claim,
        "missing_scopes" to error.missingScopes,
        "recovery" to error.recovery,
        "refusal" to error.refusal,
    )
