import StytchM2M

/// The typed error with which `call` fails.
func failure<Value>(of call: () async throws -> Value) async throws -> M2MError {
    do {
        let value = try await call()
        throw SetupError("no error, but \(value)")
    } catch let error as M2MError {
        return error
    }
}
