package io.github.stytchm2m

/**
 * Filters and how they combine.
 *
 * @property operands The filters.
 * @property operator Whether one filter must hold, or all.
 */
public data class SearchQuery @JvmOverloads constructor(
    public val operands: List<SearchFilter>,
    public val operator: SearchOperator = SearchOperator.AND,
)

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
    public data class ClientId(public val clientIds: List<String>) : SearchFilter

    /**
     * Clients with exactly one of these names.
     *
     * @property clientNames The names.
     */
    public data class ClientName(public val clientNames: List<String>) : SearchFilter

    /**
     * Clients that have at least one of these scopes.
     *
     * @property scopes The scopes.
     */
    public data class Scopes(public val scopes: List<String>) : SearchFilter
}

/**
 * A page of clients.
 *
 * @property m2mClients The clients of this page.
 * @property resultsMetadata How many there are, and where the next page starts.
 * @property requestId The server's id of the request.
 * @property statusCode The HTTP status.
 */
public data class SearchResponse(
    public val m2mClients: List<M2MClient>,
    public val resultsMetadata: ResultsMetadata,
    public val requestId: String,
    public val statusCode: Int,
)

/**
 * Where a page stands in the whole result.
 *
 * @property total All matches, or -1 where the workspace has totals switched off.
 * @property nextCursor The next page's cursor; `null` after the last page.
 */
public data class ResultsMetadata(
    public val total: Long,
    public val nextCursor: String?,
)
