import Foundation
internal import StytchM2MGenerated

/// Rotation of a client's secret in two phases: both secrets work until the rotation ends.
public struct Secrets: Sendable {
    let native: NativeClient

    /// Starts a rotation: from now on both secrets work. Returns the next secret once; Stytch
    /// cannot show it again.
    ///
    /// - Throws: ``M2MError/conflict(_:)`` when a rotation is under way;
    ///   ``M2MError/outcomeUnknown(_:)`` when the answer was lost; then
    ///   ``recoverRotation(clientID:)`` helps.
    public func rotateStart(clientID: String) async throws -> RotateStartResponse {
        RotateStartResponse(
            try await cancellable { try await native.rotateStart(clientId: clientID, cancel: $0) })
    }

    /// Ends a rotation without proof: the next secret becomes the only one, whichever it is.
    ///
    /// - Throws: ``M2MError/conflict(_:)`` when none is under way; ``M2MError/outcomeUnknown(_:)``
    ///   when the answer was lost.
    @discardableResult
    public func rotate(clientID: String) async throws -> ClientResponse {
        ClientResponse(
            try await cancellable { try await native.rotate(clientId: clientID, cancel: $0) })
    }

    /// Cancels a rotation: the next secret stops working, and the current one stays. Call it only
    /// while nothing uses the next secret.
    ///
    /// - Throws: ``M2MError/conflict(_:)`` when no rotation is under way.
    @discardableResult
    public func rotateCancel(clientID: String) async throws -> ClientResponse {
        ClientResponse(
            try await cancellable { try await native.rotateCancel(clientId: clientID, cancel: $0) })
    }

    /// Starts a rotation after cancelling any rotation in progress, such as one whose next secret
    /// was lost with the response. The current secret works throughout.
    ///
    /// - Throws: ``M2MError/outcomeUnknown(_:)`` when this answer was lost too: call it again.
    public func recoverRotation(clientID: String) async throws -> RotateStartResponse {
        RotateStartResponse(
            try await cancellable {
                try await native.recoverRotation(clientId: clientID, cancel: $0)
            })
    }

    /// Ends a rotation after proof: compares the secret with the client's
    /// `nextClientSecretLastFour`, fetches a token with it, and makes it the only one. A lost
    /// answer is resolved by looking the client up. May be called again: a rotation that has ended
    /// with this secret is a success.
    ///
    /// Nothing is ever cancelled: after an error, of the proof too, both secrets go on working, and
    /// ``M2MError/Details/recovery`` says how to go on.
    ///
    /// - Throws: ``M2MError/conflict(_:)`` when this is the current secret, or when the rotation
    ///   was cancelled or replaced; ``M2MError/outcomeUnknown(_:)`` when it is unknown whether it
    ///   ended.
    @discardableResult
    public func rotateFinish(
        clientID: String, nextClientSecret: Secret
    ) async throws -> ClientResponse {
        ClientResponse(
            try await cancellable {
                try await native.rotateFinish(
                    clientId: clientID, nextClientSecret: nextClientSecret.native, cancel: $0)
            })
    }

    /// A whole rotation: hands the next secret to `store`, proves it by fetching a token, and makes
    /// it the only one. At no moment is the client without a working secret: `store` should
    /// therefore keep the current one beside the next until this returns.
    ///
    /// If `store` throws, the rotation is cancelled: the current secret stays. If that cancel fails
    /// too, which is told on standard error, the rotation stays under way. What fails after `store`
    /// cancels nothing: both secrets work, and ``rotateFinish(clientID:nextClientSecret:)`` goes on,
    /// as ``M2MError/Details/recovery`` says.
    ///
    /// - Parameters:
    ///   - clientID: Which client.
    ///   - isolation: Where `store` runs: on the caller's own actor, whose state it may therefore use.
    ///   - store: Keeps the next secret.
    /// - Throws: What `store` threw, unchanged, or what ``rotateStart(clientID:)`` and
    ///   ``rotateFinish(clientID:nextClientSecret:)`` throw.
    @discardableResult
    public func rotateWith(
        clientID: String,
        isolation: isolated (any Actor)? = #isolation,
        store: (Secret) async throws -> Void
    ) async throws -> ClientResponse {
        let next = try await rotateStart(clientID: clientID).m2mClient.nextClientSecret
        do {
            try await store(next)
        } catch {
            // In a task of its own, for this one may be cancelled.
            let cancel = await Task { try await rotateCancel(clientID: clientID) }.result
            if case .failure(let reason) = cancel {
                let warning =
                    "stytch-m2m: the rotation of \(clientID) is still under way: \(reason)\n"
                try? FileHandle.standardError.write(contentsOf: Data(warning.utf8))
            }
            throw error
        }
        return try await rotateFinish(clientID: clientID, nextClientSecret: next)
    }
}
