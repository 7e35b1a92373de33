import StytchM2M

/// What a call came to.
enum Outcome {
    case result(JSONValue)
    case error(JSONValue)
}

/// What the function that `rotate_with` gets fails with.
private struct StoreFailed: Error {}

/// One scenario's objects, and the emulator as it begins.
struct World {
    private let server: ScenarioServer
    private let client: StytchClient
    private let source: TokenSource?
    private let organization: OrganizationClient?

    init(_ scenario: Arguments, _ seed: JSONValue, _ server: ScenarioServer) async throws {
        self.server = server
        _ = try await server.admin("PUT", "/_emulator/seed", seed)
        _ = try await server.admin("POST", "/_emulator/keys/retire", nil)
        let settings = try Arguments(scenario.optional("settings") ?? .object([:]))
        let secret = try settings.optionalText("secret").map { Secret($0) }
        let baseURL = try settings.optionalText("base_url") ?? server.baseURL
        let transport = TransportConfig(
            attemptTimeout: try settings.duration("attempt_timeout_seconds"),
            totalTimeout: try settings.duration("total_timeout_seconds"))
        try settings.end()
        client = try StytchClient(
            projectID: server.projectID, secret: .value(secret ?? server.secret), baseURL: baseURL,
            transport: transport)
        source = try scenario.optional("source").map { source in
            let source = try Arguments(source)
            let made = try TokenSource(
                clientID: source.clientID(),
                clientSecret: .value(source.secret("client_secret")),
                projectID: server.projectID, baseURL: baseURL,
                scopes: source.strings("scopes") ?? [],
                extra: source.stringMap("extra"), transport: transport)
            try source.end()
            return made
        }
        organization = try scenario.optional("organization").map { organization in
            let organization = try Arguments(organization)
            let made = try OrganizationClient(
                baseURL: baseURL, authorization: organization.secret("authorization"),
                transport: transport)
            try organization.end()
            return made
        }
    }

    func call(_ name: String, _ with: JSONValue) async throws -> Outcome {
        let arguments = try Arguments(with)
        let outcome: Outcome
        do {
            outcome = .result(try await dispatch(name, arguments))
        } catch let error as M2MError {
            outcome = .error(error.shown)
        } catch is StoreFailed {
            outcome = .error(["code": "store_failed"])
        }
        try arguments.end()
        return outcome
    }

    private func dispatch(_ name: String, _ arguments: Arguments) async throws -> JSONValue {
        switch name.split(separator: ".").first {
        case "clients": try await clients(name, arguments)
        case "secrets": try await secrets(name, arguments)
        case "organization": try await organization(name, arguments)
        default: try await other(name, arguments)
        }
    }

    private func other(_ name: String, _ arguments: Arguments) async throws -> JSONValue {
        switch name {
        case "admin":
            return try await server.admin(
                arguments.text("method"), arguments.text("path"), arguments.optional("body"))
        case "token":
            return try await client.m2m.token(
                clientID: arguments.clientID(), clientSecret: arguments.secret("client_secret"),
                scopes: arguments.strings("scopes") ?? [], extra: arguments.stringMap("extra"),
                forceRefresh: arguments.flag("force_refresh")
            ).shown
        case "source.get_token":
            return try await of(name, source).getToken().shown
        case "source.invalidate":
            try of(name, source).invalidate(accessToken: arguments.secret("access_token"))
            return .null
        case "authenticate_token":
            return try await client.m2m.authenticateToken(
                accessToken: arguments.secret("access_token"),
                requiredScopes: arguments.strings("required_scopes") ?? [],
                organization: arguments.organization(),
                maxTokenAge: arguments.duration("max_token_age_seconds"),
                clockTolerance: arguments.duration("clock_tolerance_seconds") ?? .zero,
                authorize: arguments.answer("authorize").map { answer -> TokenVerifier.Authorize in
                    { _, _ in answer }
                }
            ).shown
        default: throw Mismatch("there is no such call")
        }
    }

    private func clients(_ name: String, _ arguments: Arguments) async throws -> JSONValue {
        let clients = client.m2m.clients
        switch name {
        case "clients.create":
            return try await clients.create(
                scopes: arguments.strings("scopes") ?? [],
                clientID: arguments.optionalText("client_id"),
                clientSecret: arguments.optionalText("client_secret").map { Secret($0) },
                clientName: arguments.optionalText("client_name"),
                clientDescription: arguments.optionalText("client_description"),
                trustedMetadata: arguments.object("trusted_metadata"),
                organizationID: arguments.optionalText("organization_id"),
                idempotent: arguments.flag("idempotent")
            ).shown
        case "clients.get":
            return try await clients.get(clientID: arguments.clientID()).shown
        case "clients.search":
            return try await clients.search(
                query: arguments.query(), limit: arguments.count("limit"),
                cursor: arguments.optionalText("cursor"),
                organizationID: arguments.optionalText("organization_id")
            ).shown
        case "clients.search_all":
            var found: [JSONValue] = []
            let all = try clients.searchAll(
                query: arguments.query(), limit: arguments.count("limit"),
                cursor: arguments.optionalText("cursor"),
                organizationID: arguments.optionalText("organization_id"))
            for try await client in all { found.append(client.shown) }
            return .array(found)
        case "clients.update":
            let status = try arguments.optionalText("status").map { status in
                guard let status = ClientStatus(rawValue: status) else {
                    throw Mismatch("there is no status \(status)")
                }
                return status
            }
            return try await clients.update(
                clientID: arguments.clientID(), clientName: arguments.optionalText("client_name"),
                clientDescription: arguments.optionalText("client_description"), status: status,
                scopes: arguments.strings("scopes"),
                trustedMetadata: arguments.object("trusted_metadata"),
                organizationID: arguments.optionalText("organization_id")
            ).shown
        case "clients.delete":
            return try await clients.delete(clientID: arguments.clientID()).shown
        default: throw Mismatch("there is no such call")
        }
    }

    private func secrets(_ name: String, _ arguments: Arguments) async throws -> JSONValue {
        let (secrets, id) = (client.m2m.clients.secrets, try arguments.clientID())
        switch name {
        case "secrets.rotate_start": return try await secrets.rotateStart(clientID: id).shown
        case "secrets.recover_rotation":
            return try await secrets.recoverRotation(clientID: id).shown
        case "secrets.rotate": return try await secrets.rotate(clientID: id).shown
        case "secrets.rotate_cancel": return try await secrets.rotateCancel(clientID: id).shown
        case "secrets.rotate_finish":
            let next = try arguments.secret("next_client_secret")
            return try await secrets.rotateFinish(clientID: id, nextClientSecret: next).shown
        case "secrets.rotate_with":
            let fails = try arguments.flag("store_fails")
            var stored: Secret?
            let rotated = try await secrets.rotateWith(clientID: id) { next in
                stored = next
                if fails { throw StoreFailed() }
            }
            return rotated.shown.with("stored", .text(stored?.reveal()))
        default: throw Mismatch("there is no such call")
        }
    }

    private func organization(_ name: String, _ arguments: Arguments) async throws -> JSONValue {
        let organization = try of(name, organization)
        switch name {
        case "organization.client_id":
            return ["client_id": .string(try await organization.clientID())]
        case "organization.client_secret":
            return ["client_secret": .string(try await organization.clientSecret().reveal())]
        case "organization.rotate":
            return ["client_secret": .string(try await organization.rotate().reveal())]
        case "organization.token":
            let force = try arguments.flag("force_refresh")
            return try await organization.token(forceRefresh: force).shown
        default: throw Mismatch("there is no such call")
        }
    }

    private func of<Value>(_ name: String, _ value: Value?) throws -> Value {
        guard let value else { throw Mismatch("nothing to call \(name) on") }
        return value
    }
}
