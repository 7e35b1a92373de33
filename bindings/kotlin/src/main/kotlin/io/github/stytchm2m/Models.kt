package io.github.stytchm2m

import kotlin.reflect.KProperty0

/** What is known of an M2M client wherever one appears. */
public sealed interface M2mClientFields {
    /** The client's id. */
    public val clientId: String

    /** A display name. */
    public val clientName: String

    /** A description. */
    public val clientDescription: String

    /** Whether the client can fetch tokens. */
    public val status: ClientStatus

    /** The scopes that the client can request. */
    public val scopes: List<String>

    /** The last four characters of the client's secret. */
    public val clientSecretLastFour: String

    /** The last four characters of the secret that a rotation is bringing in, if one is under way. */
    public val nextClientSecretLastFour: String?

    /** Your own data about the client, as the text of a JSON object. */
    public val trustedMetadata: String?

    /**
     * The organization that the client belongs to: the value of the [Client]'s `organizationKey` in [trustedMetadata], if
     * it is a string.
     */
    public val organizationId: String?
}

/** An M2M client, without its secret. */
public class M2mClient internal constructor(
    override val clientId: String,
    override val clientName: String,
    override val clientDescription: String,
    override val status: ClientStatus,
    override val scopes: List<String>,
    override val clientSecretLastFour: String,
    override val nextClientSecretLastFour: String?,
    override val trustedMetadata: String?,
    override val organizationId: String?,
) : M2mRecord(), M2mClientFields {
    internal override fun fields(): List<KProperty0<*>> =
        listOf(
            ::clientId,
            ::clientName,
            ::clientDescription,
            ::status,
            ::scopes,
            ::clientSecretLastFour,
            ::nextClientSecretLastFour,
            ::trustedMetadata,
            ::organizationId,
        )
}

/**
 * A client and its secret. Store the secret now: Stytch cannot show it again.
 *
 * @property client The client.
 * @property clientSecret Its secret.
 */
public class M2mClientWithClientSecret internal constructor(
    public val client: M2mClient,
    public val clientSecret: Secret,
) : M2mRecord(), M2mClientFields by client {
    internal override fun fields(): List<KProperty0<*>> = listOf(::client, ::clientSecret)
}

/**
 * A client whose secret is being rotated, and the next secret.
 *
 * @property client The client.
 * @property nextClientSecret The next secret. It and the current secret both work until the rotation ends.
 */
public class M2mClientWithNextClientSecret internal constructor(
    public val client: M2mClient,
    public val nextClientSecret: Secret,
) : M2mRecord(), M2mClientFields by client {
    internal override fun fields(): List<KProperty0<*>> = listOf(::client, ::nextClientSecret)
}

/** Whether a client can fetch tokens. Existing tokens stay valid until they expire. */
public enum class ClientStatus {
    /** The client can fetch tokens. */
    ACTIVE,

    /** The client cannot fetch new tokens. */
    INACTIVE,

    /** A status that this version does not know. It cannot be set. */
    UNKNOWN,
}

/**
 * A created client with its secret, which Stytch cannot show again.
 *
 * @property m2mClient The client and its secret.
 * @property requestId The server's id of the request.
 * @property statusCode The HTTP status.
 */
public class CreateResponse internal constructor(
    public val m2mClient: M2mClientWithClientSecret,
    public val requestId: String,
    public val statusCode: Int,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::m2mClient, ::requestId, ::statusCode)
}

/**
 * A response with one client.
 *
 * @property m2mClient The client.
 * @property requestId The server's id of the request.
 * @property statusCode The HTTP status.
 */
public class ClientResponse internal constructor(
    public val m2mClient: M2mClient,
    public val requestId: String,
    public val statusCode: Int,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::m2mClient, ::requestId, ::statusCode)
}

/**
 * A started rotation with the next secret, which Stytch cannot show again.
 *
 * @property m2mClient The client and its next secret.
 * @property requestId The server's id of the request.
 * @property statusCode The HTTP status.
 */
public class RotateStartResponse internal constructor(
    public val m2mClient: M2mClientWithNextClientSecret,
    public val requestId: String,
    public val statusCode: Int,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::m2mClient, ::requestId, ::statusCode)
}

/**
 * The response to a deletion.
 *
 * @property clientId The id of the deleted client.
 * @property requestId The server's id of the request.
 * @property statusCode The HTTP status.
 */
public class DeleteResponse internal constructor(
    public val clientId: String,
    public val requestId: String,
    public val statusCode: Int,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::clientId, ::requestId, ::statusCode)
}
