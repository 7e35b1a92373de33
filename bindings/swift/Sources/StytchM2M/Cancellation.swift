internal import StytchM2MGenerated

/// Makes one call of the Rust core, and ends it when the current `Task` is cancelled: generated
/// code would wait for Rust to finish.
func cancellable<Value>(
    _ call: (CancelToken) async throws -> Value
) async throws -> Value {
    let token = CancelToken()
    return try await withTaskCancellationHandler {
        do {
            return try await call(token)
        } catch let error as NativeError {
            if Task.isCancelled, error.kind == .cancelled { throw CancellationError() }
            throw M2MError(error)
        }
    } onCancel: {
        token.cancel()
    }
}

/// Makes one call of the Rust core that does not wait.
func rethrowing<Value>(_ call: () throws -> Value) throws -> Value {
    do {
        return try call()
    } catch let error as NativeError {
        throw M2MError(error)
    }
}
