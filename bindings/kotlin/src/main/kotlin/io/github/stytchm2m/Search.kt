package io.github.stytchm2m

import kotlin.reflect.KProperty0

/**
 * Filters and how they combine.
 *
 * @property operands The filters.
 * @property operator Whether one filter must hold, or all.
 */
public class SearchQuery @JvmOverloads constructor(
    public val operands: List<SearchFilter>,
    public val operator: SearchOperator = SearchOperator.AND,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::operands, ::operator)
}

/** How filters combine. */
public enum class SearchOperator {
    /** All must hold. */
    AND,

    /** One must hold. */
    OR,
}

/** One filter. Each takes a list, of which one value must match. */
public sealed interface SearchFilter {
    /**
     * Clients with one of these ids.
     *
     * @property clientIds The ids.
     */
    public class ClientId(public val clientIds: List<String>) : M2mRecord(), SearchFilter {
        internal override fun fields(): List<KProperty0<*>> = listOf(::clientIds)
    }

    /**
     * Clients with exactly one of these names.
     *
     * @property clientNames The names.
     */
    public class ClientName(public val clientNames: List<String>) : M2mRecord(), SearchFilter {
        internal override fun fields(): List<KProperty0<*>> = listOf(::clientNames)
    }

    /**
     * Clients that have at least one of these scopes.
     *
     * @property scopes The scopes.
     */
    public class Scopes(public val scopes: List<String>) : M2mRecord(), SearchFilter {
        internal override fun fields(): List<KProperty0<*>> = listOf(::scopes)
    }
}

/**
 * A page of clients.
 *
 * @property m2mClients The clients of this page.
 * @property resultsMetadata How many there are, and where the next page starts.
 * @property requestId The server's id of the request.
 * @property statusCode The HTTP status.
 */
public class SearchResponse internal constructor(
    public val m2mClients: List<M2mClient>,
    public val resultsMetadata: ResultsMetadata,
    public val requestId: String,
    public val statusCode: Int,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::m2mClients, ::resultsMetadata, ::requestId, ::statusCode)
}

/**
 * Where a page stands in the whole result.
 *
 * @property total All matches, or -1 where the workspace has totals switched off.
 * @property nextCursor The next page's cursor; `null` after the last page.
 */
public class ResultsMetadata internal constructor(
    public val total: Long,
    public val nextCursor: String?,
) : M2mRecord() {
    internal override fun fields(): List<KProperty0<*>> = listOf(::total, ::nextCursor)
}
