import io.github.stytchm2m.Client
import io.github.stytchm2m.M2mException

suspend fun main() {
    Client().use { client -> // STYTCH_PROJECT_ID, STYTCH_SECRET, STYTCH_BASE_URL
        val created = client.m2m.clients.create(scopes = listOf("read:users")).m2mClient
        val token = client.m2m.token(created.clientId, created.clientSecret).accessToken

        val claims = client.m2m.authenticateToken(token, requiredScopes = listOf("read:users"))
        println("${claims.clientId} ${claims.scopes}")

        try {
            client.m2m.authenticateToken(token, requiredScopes = listOf("write:users"))
        } catch (error: M2mException.InsufficientScope) {
            println("${error.code} ${error.missingScopes}")
        }
    }
}
