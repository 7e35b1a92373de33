package io.github.stytchm2m

import io.github.stytchm2m.internal.SecretText
import io.github.stytchm2m.internal.VerifiedClaims
import java.time.Duration
import io.github.stytchm2m.internal.Algorithm as NativeAlgorithm
import io.github.stytchm2m.internal.ClientResponse as NativeClientResponse
import io.github.stytchm2m.internal.ClientStatus as NativeClientStatus
import io.github.stytchm2m.internal.CreateResponse as NativeCreateResponse
import io.github.stytchm2m.internal.DeleteResponse as NativeDeleteResponse
import io.github.stytchm2m.internal.IssuerConfig as NativeIssuerConfig
import io.github.stytchm2m.internal.KeySource as NativeKeySource
import io.github.stytchm2m.internal.M2mClient as NativeM2mClient
import io.github.stytchm2m.internal.Proxy as NativeProxy
import io.github.stytchm2m.internal.RotateStartResponse as NativeRotateStartResponse
import io.github.stytchm2m.internal.SearchFilter as NativeSearchFilter
import io.github.stytchm2m.internal.SearchOperator as NativeSearchOperator
import io.github.stytchm2m.internal.SearchQuery as NativeSearchQuery
import io.github.stytchm2m.internal.SearchResponse as NativeSearchResponse
import io.github.stytchm2m.internal.Token as NativeToken
import io.github.stytchm2m.internal.TokenProfile as NativeTokenProfile
import io.github.stytchm2m.internal.Vertical as NativeVertical

internal fun Secret.toNative(): SecretText = SecretText(reveal())

internal fun SecretText.toPublic(): Secret = Secret(text)

internal fun NativeM2mClient.toPublic(): M2mClient =
    M2mClient(
        clientId,
        clientName,
        clientDescription,
        status.toPublic(),
        scopes,
        clientSecretLastFour,
        nextClientSecretLastFour,
        trustedMetadata,
        organizationId,
    )

internal fun NativeClientStatus.toPublic(): ClientStatus =
    when (this) {
        NativeClientStatus.ACTIVE -> ClientStatus.ACTIVE
        NativeClientStatus.INACTIVE -> ClientStatus.INACTIVE
        NativeClientStatus.UNKNOWN -> ClientStatus.UNKNOWN
    }

internal fun ClientStatus.toNative(): NativeClientStatus =
    when (this) {
        ClientStatus.ACTIVE -> NativeClientStatus.ACTIVE
        ClientStatus.INACTIVE -> NativeClientStatus.INACTIVE
        ClientStatus.UNKNOWN -> NativeClientStatus.UNKNOWN
    }

internal fun NativeCreateResponse.toPublic(): CreateResponse =
    CreateResponse(
        M2mClientWithClientSecret(m2mClient.client.toPublic(), m2mClient.clientSecret.toPublic()),
        requestId,
        statusCode.toInt(),
    )

internal fun NativeClientResponse.toPublic(): ClientResponse =
    ClientResponse(m2mClient.toPublic(), requestId, statusCode.toInt())

internal fun NativeRotateStartResponse.toPublic(): RotateStartResponse =
    RotateStartResponse(
        M2mClientWithNextClientSecret(m2mClient.client.toPublic(), m2mClient.nextClientSecret.toPublic()),
        requestId,
        statusCode.toInt(),
    )

internal fun NativeDeleteResponse.toPublic(): DeleteResponse =
    DeleteResponse(clientId, requestId, statusCode.toInt())

internal fun NativeSearchResponse.toPublic(): SearchResponse =
    SearchResponse(
        m2mClients.map { it.toPublic() },
        ResultsMetadata(resultsMetadata.total, resultsMetadata.nextCursor),
        requestId,
        statusCode.toInt(),
    )

internal fun SearchQuery.toNative(): NativeSearchQuery {
    val native = when (operator) {
        SearchOperator.AND -> NativeSearchOperator.AND
        SearchOperator.OR -> NativeSearchOperator.OR
    }
    return NativeSearchQuery(native, operands.map { it.toNative() })
}

private fun SearchFilter.toNative(): NativeSearchFilter =
    when (this) {
        is SearchFilter.ClientId -> NativeSearchFilter.ClientId(clientIds)
        is SearchFilter.ClientName -> NativeSearchFilter.ClientName(clientNames)
        is SearchFilter.Scopes -> NativeSearchFilter.Scopes(scopes)
    }

internal fun NativeToken.toPublic(): Token =
    Token(
        accessToken.toPublic(),
        tokenType,
        Duration.ofSeconds(expiresIn.toLong()),
        expiresAt,
        grantedScopes,
        requestId,
        statusCode.toInt(),
    )

internal fun VerifiedClaims.toPublic(): TokenClaims =
    TokenClaims(
        clientId,
        scopes,
        wildcardScopes,
        CustomClaims(customClaims),
        issuer,
        audience,
        issuedAt,
        notBefore,
        expiresAt,
        tokenId,
        subject,
        organization,
    )

internal fun Proxy.toNative(): NativeProxy =
    when (this) {
        Proxy.Environment -> NativeProxy.Environment
        Proxy.Off -> NativeProxy.Off
        is Proxy.Url -> NativeProxy.Url(url.toNative())
    }

internal fun Vertical.toNative(): NativeVertical =
    when (this) {
        Vertical.CONSUMER -> NativeVertical.CONSUMER
        Vertical.B2B -> NativeVertical.B2B
    }

internal fun NativeIssuerConfig.toPublic(): IssuerConfig =
    IssuerConfig(
        issuers,
        audiences,
        algorithms.map { it.toPublic() },
        keys.toPublic(),
        profile.toPublic(),
        allowMissingTyp,
        allowMissingKid,
        acceptScopeArray,
        wildcardScopes,
        allowBoundTokens,
        requireTyp,
        scopeMap,
        requiredClaims,
        requireClientSubject,
        clientIds,
        clientIdClaims,
        scopeClaims,
        organizationClaim,
        forbiddenClaims,
        allowMissingSub,
        requireAnyScope,
        maxTokenLifetime,
        clockTolerance,
        maxJwksKeys.toLong(),
        maxJwksBytes.toLong(),
        jwksTokenFile,
    )

internal fun IssuerConfig.toNative(): NativeIssuerConfig =
    NativeIssuerConfig(
        issuers,
        audiences,
        algorithms.map { it.toNative() },
        keys.toNative(),
        profile.toNative(),
        allowMissingTyp,
        allowMissingKid,
        acceptScopeArray,
        wildcardScopes,
        allowBoundTokens,
        requireTyp,
        scopeMap,
        requiredClaims,
        requireClientSubject,
        clientIds,
        clientIdClaims,
        scopeClaims,
        organizationClaim,
        forbiddenClaims,
        allowMissingSub,
        requireAnyScope,
        maxTokenLifetime,
        clockTolerance,
        maxJwksKeys.toCount(),
        maxJwksBytes.toCount(),
        jwksTokenFile,
    )

/** A number out of range becomes one that the core refuses. */
private fun Long.toCount(): UInt = coerceIn(0, UInt.MAX_VALUE.toLong()).toUInt()

private fun NativeKeySource.toPublic(): KeySource =
    when (this) {
        is NativeKeySource.Url -> KeySource.Url(v1)
        is NativeKeySource.Jwks -> KeySource.Jwks(v1)
        is NativeKeySource.Discovery -> KeySource.Discovery(v1)
    }

internal fun KeySource.toNative(): NativeKeySource =
    when (this) {
        is KeySource.Url -> NativeKeySource.Url(url)
        is KeySource.Jwks -> NativeKeySource.Jwks(json)
        is KeySource.Discovery -> NativeKeySource.Discovery(issuer)
    }

private fun NativeTokenProfile.toPublic(): TokenProfile =
    when (this) {
        NativeTokenProfile.STYTCH -> TokenProfile.STYTCH
        NativeTokenProfile.AUTH0 -> TokenProfile.AUTH0
        NativeTokenProfile.O_AUTH -> TokenProfile.OAUTH
    }

private fun TokenProfile.toNative(): NativeTokenProfile =
    when (this) {
        TokenProfile.STYTCH -> NativeTokenProfile.STYTCH
        TokenProfile.AUTH0 -> NativeTokenProfile.AUTH0
        TokenProfile.OAUTH -> NativeTokenProfile.O_AUTH
    }

private fun NativeAlgorithm.toPublic(): Algorithm =
    when (this) {
        NativeAlgorithm.RS256 -> Algorithm.RS256
        NativeAlgorithm.RS384 -> Algorithm.RS384
        NativeAlgorithm.RS512 -> Algorithm.RS512
        NativeAlgorithm.PS256 -> Algorithm.PS256
        NativeAlgorithm.PS384 -> Algorithm.PS384
        NativeAlgorithm.PS512 -> Algorithm.PS512
        NativeAlgorithm.ES256 -> Algorithm.ES256
        NativeAlgorithm.ES384 -> Algorithm.ES384
        NativeAlgorithm.ED_DSA -> Algorithm.EDDSA
    }

internal fun Algorithm.toNative(): NativeAlgorithm =
    when (this) {
        Algorithm.RS256 -> NativeAlgorithm.RS256
        Algorithm.RS384 -> NativeAlgorithm.RS384
        Algorithm.RS512 -> NativeAlgorithm.RS512
        Algorithm.PS256 -> NativeAlgorithm.PS256
        Algorithm.PS384 -> NativeAlgorithm.PS384
        Algorithm.PS512 -> NativeAlgorithm.PS512
        Algorithm.ES256 -> NativeAlgorithm.ES256
        Algorithm.ES384 -> NativeAlgorithm.ES384
        Algorithm.EDDSA -> NativeAlgorithm.ED_DSA
    }
