import io.github.stytchm2m.IssuerConfig
import io.github.stytchm2m.Secret
import io.github.stytchm2m.TokenSource
import io.github.stytchm2m.TokenVerifier
import java.lang.System.getenv

suspend fun main() {
    val (tenant, audience) = getenv("AUTH0_URL") to getenv("AUTH0_AUDIENCE")

    // A service: it accepts the tokens of both, each by its own keys, audience and profile.
    val issuers = listOf(IssuerConfig.auth0(tenant, audience), IssuerConfig.stytch())

    // A caller: the same id and secret before and after. To move, it changes the token endpoint.
    val (clientId, clientSecret) = getenv("M2M_CLIENT_ID") to Secret(getenv("M2M_CLIENT_SECRET"))
    val before = TokenSource(
        clientId,
        clientSecret,
        tokenUrl = "$tenant/oauth/token",
        extra = mapOf("audience" to audience),
    )
    val after = TokenSource(clientId, clientSecret)

    TokenVerifier(issuers).use { verifier ->
        for (source in listOf(before, after)) {
            val token = source.use { it.getToken().accessToken }
            val claims = verifier.authenticateToken(token, requiredScopes = listOf("read:invoices"))
            println("${claims.clientId} by ${claims.issuer}")
        }
    }
}
