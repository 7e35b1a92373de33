package io.github.stytchm2m

import io.github.stytchm2m.internal.CreateRequest
import io.github.stytchm2m.internal.NativeClient
import io.github.stytchm2m.internal.NativeSearch
import io.github.stytchm2m.internal.SearchSettings
import io.github.stytchm2m.internal.UpdateRequest
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** The M2M clients of the project. Needs the project's secret. */
public class M2mClients internal constructor(private val native: Handle<NativeClient>) {
    /** The rotation of their secrets. */
    public val secrets: M2mSecrets = M2mSecrets(native)

    /**
     * Creates a client. Returns its secret once; Stytch cannot show it again.
     *
     * @param scopes The scopes that the client can request.
     * @param clientId An id of your own, for example for an import. Default: the server chooses one.
     * @param clientSecret A secret of your own, at least 8 characters. Default: the server generates one.
     * @param clientName A display name.
     * @param clientDescription A description.
     * @param trustedMetadata Your own data, as the text of a JSON object: at most 20 top-level keys
     *   and 4 KB.
     * @param organizationId The organization that the client belongs to. It is stored in the metadata, under the
     *   `organizationKey` of the [Client], and counts in its limits. A template of the project's tokens takes it from there.
     * @param idempotent Makes the call safe to repeat: a missing id or secret is generated locally, so that after a
     *   lost answer the library can look the client up. A client that already exists with this id, secret, name, scopes
     *   and organization is a success too. Two calls of your own create two clients, unless both name the same [clientId] and
     *   [clientSecret].
     * @throws M2mException.OutcomeUnknown when the answer was lost: the client may be there or not.
     */
    public suspend fun create(
        scopes: List<String>,
        clientId: String? = null,
        clientSecret: Secret? = null,
        clientName: String? = null,
        clientDescription: String? = null,
        trustedMetadata: String? = null,
        organizationId: String? = null,
        idempotent: Boolean = false,
    ): CreateResponse {
        val secret = clientSecret?.toNative()
        val request = CreateRequest(
            scopes,
            clientId,
            secret,
            clientName,
            clientDescription,
            trustedMetadata,
            organizationId,
            idempotent,
        )
        return native.await { it.create(request, null) }.toPublic()
    }

    /** Reads one client. */
    public suspend fun get(clientId: String): ClientResponse =
        native.await { it.get(clientId, null) }.toPublic()

    /**
     * Finds clients; returns one page.
     *
     * @param query The filters. Default: none.
     * @param limit Clients per page, 1 to 1,000. Default: the server's, 100.
     * @param cursor The `nextCursor` of the previous page. Default: the first page.
     * @param organizationId The organization whose clients to find. Stytch cannot filter by it, so this library does: the
     *   page has only those of its clients that belong to the organization, perhaps none, and `total` is unknown. Pages
     *   then have 1,000 clients at Stytch, unless [limit] is set.
     */
    public suspend fun search(
        query: SearchQuery? = null,
        limit: Int? = null,
        cursor: String? = null,
        organizationId: String? = null,
    ): SearchResponse {
        val settings = SearchSettings(cursor, limit?.toLong(), query?.toNative(), organizationId)
        return native.await { it.search(settings, null) }.toPublic()
    }

    /**
     * Finds clients and fetches page after page as they are collected.
     *
     * @param query The filters. Default: none.
     * @param limit Clients per page, 1 to 1,000. Default: the server's, 100.
     * @param cursor The `nextCursor` of a page, to start after it.
     * @param organizationId The organization whose clients to find. The clients of the other organizations are read, too,
     *   because Stytch cannot filter by it; at the end the log says how many pages that were.
     */
    public fun searchAll(
        query: SearchQuery? = null,
        limit: Int? = null,
        cursor: String? = null,
        organizationId: String? = null,
    ): Flow<M2mClient> =
        flow {
            pages(query, limit, cursor, organizationId).use { pages ->
                while (true) {
                    pages.next()?.forEach { emit(it) } ?: break
                }
            }
        }

    internal fun pages(query: SearchQuery?, limit: Int?, cursor: String?, organizationId: String?): Pages {
        val settings = SearchSettings(cursor, limit?.toLong(), query?.toNative(), organizationId)
        return Pages(native, native.call { it.searchAll(settings) })
    }

    /** A search, page after page. */
    internal class Pages(private val native: Handle<NativeClient>, private val search: NativeSearch) :
        AutoCloseable by search {
        /** The next page, or `null` after the last. */
        suspend fun next(): List<M2mClient>? = native.await { search.nextPage(null) }?.map { it.toPublic() }
    }

    /**
     * Changes the fields that are not `null`.
     *
     * @param status Activates or deactivates the client. Its existing tokens stay valid until they expire.
     * @param scopes The new scopes, which replace the existing ones.
     * @param trustedMetadata The text of a JSON object, merged at the top level; a key whose value is
     *   `null` is removed.
     * @param organizationId The new organization of the client. To remove it, set its key in [trustedMetadata] to `null`.
     *   Existing tokens keep the old one until they expire.
     */
    public suspend fun update(
        clientId: String,
        clientName: String? = null,
        clientDescription: String? = null,
        status: ClientStatus? = null,
        scopes: List<String>? = null,
        trustedMetadata: String? = null,
        organizationId: String? = null,
    ): ClientResponse {
        val request =
            UpdateRequest(clientName, clientDescription, status?.toNative(), scopes, trustedMetadata, organizationId)
        return native.await { it.update(clientId, request, null) }.toPublic()
    }

    /** Deletes a client. Its existing tokens stay valid until they expire. */
    public suspend fun delete(clientId: String): DeleteResponse =
        native.await { it.delete(clientId, null) }.toPublic()
}
