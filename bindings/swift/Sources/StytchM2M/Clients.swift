internal import StytchM2MGenerated

/// The M2M clients of a project. Needs the project's secret.
public struct Clients: Sendable {
    let native: NativeClient

    /// The rotation of a client's secret.
    public var secrets: Secrets {
        Secrets(native: native)
    }

    /// Creates a client. The answer is the only sight of its secret.
    ///
    /// - Parameters:
    ///   - scopes: The scopes that the client may ask for; may be empty.
    ///   - clientID: An id of your own, as for an import. Default: the server makes one.
    ///   - clientSecret: A secret of your own, at least 8 characters. Default: the server makes one.
    ///   - clientName: A name for people.
    ///   - clientDescription: A description for people.
    ///   - trustedMetadata: Your own data: at most 20 top-level keys and 4 KB.
    ///   - idempotent: Makes the call safe to repeat: the id and the secret that are not given are
    ///     made here, so that a lost answer is resolved by looking the client up; and a client that
    ///     is there already, with this id, secret, name and scopes, is a success too. Two calls of
    ///     yours make two clients, unless both name the same `clientId` and `clientSecret`.
    /// - Throws: ``M2MError/outcomeUnknown(_:)`` when the answer was lost: the client may or may not
    ///   be there.
    public func create(
        scopes: [String],
        clientID: String? = nil,
        clientSecret: Secret? = nil,
        clientName: String? = nil,
        clientDescription: String? = nil,
        trustedMetadata: [String: JSONValue]? = nil,
        idempotent: Bool = false
    ) async throws -> CreateResponse {
        let request = try CreateRequest(
            scopes: scopes, clientId: clientID, clientSecret: clientSecret?.native,
            clientName: clientName, clientDescription: clientDescription,
            trustedMetadata: trustedMetadata.map(metadataText), idempotent: idempotent)
        return CreateResponse(
            try await cancellable { try await native.create(request: request, cancel: $0) })
    }

    /// Reads one client.
    public func get(clientID: String) async throws -> ClientResponse {
        ClientResponse(
            try await cancellable { try await native.get(clientId: clientID, cancel: $0) })
    }

    /// Changes what is given and leaves the rest.
    ///
    /// - Parameters:
    ///   - clientID: Which client.
    ///   - clientName: A new name.
    ///   - clientDescription: A new description.
    ///   - status: Activates or deactivates.
    ///   - scopes: The scopes, replacing those that are there.
    ///   - trustedMetadata: Merged at the top level; a key with a null value is removed.
    @discardableResult
    public func update(
        clientID: String,
        clientName: String? = nil,
        clientDescription: String? = nil,
        status: ClientStatus? = nil,
        scopes: [String]? = nil,
        trustedMetadata: [String: JSONValue]? = nil
    ) async throws -> ClientResponse {
        let request = try UpdateRequest(
            clientName: clientName, clientDescription: clientDescription, status: status?.native,
            scopes: scopes, trustedMetadata: trustedMetadata.map(metadataText))
        return ClientResponse(
            try await cancellable {
                try await native.update(clientId: clientID, request: request, cancel: $0)
            })
    }

    /// Deletes a client. Tokens that it already has stay valid until they expire.
    @discardableResult
    public func delete(clientID: String) async throws -> DeleteResponse {
        DeleteResponse(
            try await cancellable { try await native.delete(clientId: clientID, cancel: $0) })
    }

    /// Finds clients, one page at a time.
    ///
    /// - Parameters:
    ///   - query: The condition. Default: none.
    ///   - limit: Clients a page, 1 to 1,000. Default: the server's, 100.
    ///   - cursor: Where the previous page ended: its ``ResultsMetadata/nextCursor``.
    public func search(
        query: SearchQuery? = nil, limit: Int? = nil, cursor: String? = nil
    ) async throws -> SearchResponse {
        let request = SearchSettings(
            cursor: cursor, limit: limit.map(Int64.init), query: query?.native)
        return SearchResponse(
            try await cancellable { try await native.search(request: request, cancel: $0) })
    }

    /// Finds clients, page after page as they are asked for.
    ///
    /// ```swift
    /// for try await client in m2m.clients.searchAll() {
    ///     print(client.clientID)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - query: The condition. Default: none.
    ///   - limit: Clients a page, 1 to 1,000. Default: the server's, 100.
    ///   - cursor: Where to start: a page's ``ResultsMetadata/nextCursor``.
    public func searchAll(
        query: SearchQuery? = nil, limit: Int? = nil, cursor: String? = nil
    ) -> SearchAll {
        SearchAll(native: native, cursor: cursor, limit: limit, query: query)
    }
}

/// All matches of a search, fetched a page at a time. Each loop over it searches anew.
public struct SearchAll: AsyncSequence, Sendable {
    /// What it yields.
    public typealias Element = M2MClient

    let native: NativeClient
    let cursor: String?
    let limit: Int?
    let query: SearchQuery?

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
            cursor: cursor, limit: limit.map(Int64.init), query: query?.native)
        return try rethrowing { try native.searchAll(request: request) }
    }
}
