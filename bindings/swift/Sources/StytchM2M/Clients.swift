internal import StytchM2MGenerated

/// The M2M clients of a project. Needs the project's secret.
public struct Clients: Sendable {
    let native: NativeClient

    /// The rotation of a client's secret.
    public var secrets: Secrets {
        Secrets(native: native)
    }

    /// Creates a client. Returns its secret once; Stytch cannot show it again.
    ///
    /// - Parameters:
    ///   - scopes: The scopes that the client may ask for; may be empty.
    ///   - clientID: An id of your own, for example for an import. Default: the server chooses one.
    ///   - clientSecret: A secret of your own, at least 8 characters. Default: the server generates
    ///     one.
    ///   - clientName: A display name.
    ///   - clientDescription: A description.
    ///   - trustedMetadata: Your own data: at most 20 top-level keys and 4 KiB as JSON.
    ///   - organizationID: The organization that the client belongs to. It is stored in the metadata,
    ///     under the `organizationKey` of the ``StytchClient``, and counts in its limits. A template
    ///     of the project's tokens takes it from there.
    ///   - idempotent: Makes the call safe to repeat: the id and the secret that are not given are
    ///     made here, so that a lost answer is resolved by looking the client up; and a client that
    ///     is there already, with this id, secret, name, scopes and organization, is a success too.
    ///     Two calls of yours make two clients, unless both name the same `clientID` and
    ///     `clientSecret`.
    /// - Throws: ``M2MError/outcomeUnknown(_:)`` when the answer was lost: the client may or may not
    ///   be there.
    public func create(
        scopes: [String],
        clientID: String? = nil,
        clientSecret: Secret? = nil,
        clientName: String? = nil,
        clientDescription: String? = nil,
        trustedMetadata: [String: JSONValue]? = nil,
        organizationID: String? = nil,
        idempotent: Bool = false
    ) async throws -> CreateResponse {
        let request = try CreateRequest(
            scopes: scopes, clientId: clientID, clientSecret: clientSecret?.native,
            clientName: clientName, clientDescription: clientDescription,
            trustedMetadata: trustedMetadata.map(metadataText), organizationId: organizationID,
            idempotent: idempotent)
        return CreateResponse(
            try await cancellable { try await native.create(request: request, cancel: $0) })
    }

    /// Reads one client.
    public func get(clientID: String) async throws -> ClientResponse {
        ClientResponse(
            try await cancellable { try await native.get(clientId: clientID, cancel: $0) })
    }

    /// Changes only the given fields.
    ///
    /// - Parameters:
    ///   - clientID: Which client.
    ///   - clientName: A new name.
    ///   - clientDescription: A new description.
    ///   - status: Activates or deactivates the client.
    ///   - scopes: The new scopes, which replace the existing ones.
    ///   - trustedMetadata: Metadata to merge at the top level. A null value removes the key.
    ///   - organizationID: The new organization of the client. To remove it, set its key in the
    ///     metadata to null. Existing tokens keep the old one until they expire.
    @discardableResult
    public func update(
        clientID: String,
        clientName: String? = nil,
        clientDescription: String? = nil,
        status: ClientStatus? = nil,
        scopes: [String]? = nil,
        trustedMetadata: [String: JSONValue]? = nil,
        organizationID: String? = nil
    ) async throws -> ClientResponse {
        let request = try UpdateRequest(
            clientName: clientName, clientDescription: clientDescription, status: status?.native,
            scopes: scopes, trustedMetadata: trustedMetadata.map(metadataText),
            organizationId: organizationID)
        return ClientResponse(
            try await cancellable {
                try await native.update(clientId: clientID, request: request, cancel: $0)
            })
    }

    /// Deletes a client. Its existing tokens stay valid until they expire.
    @discardableResult
    public func delete(clientID: String) async throws -> DeleteResponse {
        DeleteResponse(
            try await cancellable { try await native.delete(clientId: clientID, cancel: $0) })
    }

    /// Finds clients; returns one page.
    ///
    /// - Parameters:
    ///   - query: The filters. Default: none.
    ///   - limit: Clients per page, 1 to 1,000. Default: the server's, 100.
    ///   - cursor: Where the previous page ended: its ``ResultsMetadata/nextCursor``.
    ///   - organizationID: The organization whose clients to find. Stytch cannot filter by it, so
    ///     this library does: the page has only those of its clients that belong to the organization,
    ///     perhaps none, and `total` is unknown. Pages then have 1,000 clients at Stytch, unless
    ///     `limit` is set.
    public func search(
        query: SearchQuery? = nil, limit: Int? = nil, cursor: String? = nil,
        organizationID: String? = nil
    ) async throws -> SearchResponse {
        let request = SearchSettings(
            cursor: cursor, limit: limit.map(Int64.init), query: query?.native,
            organizationId: organizationID)
        return SearchResponse(
            try await cancellable { try await native.search(request: request, cancel: $0) })
    }

    /// Iterates over all clients that match, and fetches each page when it is needed.
    ///
    /// ```swift
    /// for try await client in m2m.clients.searchAll() {
    ///     print(client.clientID)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - query: The filters. Default: none.
    ///   - limit: Clients per page, 1 to 1,000. Default: the server's, 100.
    ///   - cursor: Where to start: a page's ``ResultsMetadata/nextCursor``.
    ///   - organizationID: The organization whose clients to find. The clients of the other
    ///     organizations are read, too, because Stytch cannot filter by it; at the end the log says
    ///     how many pages that were.
    public func searchAll(
        query: SearchQuery? = nil, limit: Int? = nil, cursor: String? = nil,
        organizationID: String? = nil
    ) -> SearchAll {
        SearchAll(
            native: native, cursor: cursor, limit: limit, query: query,
            organizationID: organizationID)
    }
}

/// All clients that match a search, fetched page by page. Each loop over it searches anew.
public struct SearchAll: AsyncSequence, Sendable {
    /// What it yields.
    public typealias Element = M2MClient

    let native: NativeClient
    let cursor: String?
    let limit: Int?
    let query: SearchQuery?
    let organizationID: String?

    /// Starts the search; the first request comes with the first `next()`.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(search: self)
    }

    /// A search under way.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let search: SearchAll
        private var pages: NativeSearch?
        private var page: ArraySlice<M2MClient> = []

        init(search: SearchAll) {
            self.search = search
        }

        /// The next client, or `nil` after the last. An error ends nothing: the next call asks for
        /// the same page again.
        public mutating func next() async throws -> M2MClient? {
            let pages = try pages ?? search.start()
            self.pages = pages
            while page.isEmpty {
                let next = try await cancellable { try await pages.nextPage(cancel: $0) }
                guard let next else { return nil }
                page = next.map(M2MClient.init)[...]
            }
            return page.popFirst()
        }
    }

    private func start() throws -> NativeSearch {
        let request = SearchSettings(
            cursor: cursor, limit: limit.map(Int64.init), query: query?.native,
            organizationId: organizationID)
        return try rethrowing { try native.searchAll(request: request) }
    }
}
