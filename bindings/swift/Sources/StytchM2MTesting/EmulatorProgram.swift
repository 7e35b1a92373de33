#if os(macOS) || os(Linux)
import Foundation

/// The running program. It ends when its standard input does: with this process at the latest.
final class EmulatorProgram: @unchecked Sendable {
    private static let name = "stytch-m2m-emulator"
    private static let variables = ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL"]

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Starts it.
    init(_ program: URL, given: [String: String]) throws {
        let inherited = ProcessInfo.processInfo.environment
        process.executableURL = program
        process.arguments = ["--exit-with-stdin"]
        // What the environment says is meant for the service under test.
        process.environment = inherited.filter { !$0.key.hasPrefix("STYTCH_") }
            .merging(given) { _, new in new }
        process.standardInput = input
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            throw EmulatorError("the emulator did not start: cannot run \(program.path): \(error)")
        }
    }

    deinit {
        stop()
    }

    func stop() {
        try? input.fileHandleForWriting.close()
    }

    /// What it says of itself.
    func settings() async throws -> (projectID: String, secret: String, baseURL: String) {
        // Reading waits: not on a thread of the tasks.
        let said = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.firstLines()) }
        }
        let values = said.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
        guard values.map({ $0.first.map(String.init) }) == Self.variables,
            values.allSatisfy({ $0.count == 2 })
        else {
            stop()
            throw EmulatorError("the emulator did not start: it has said why on standard error")
        }
        return (String(values[0][1]), String(values[1][1]), String(values[2][1]))
    }

    private func firstLines() -> String {
        var said = Data()
        while said.filter({ $0 == UInt8(ascii: "\n") }).count < Self.variables.count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += more
        }
        return String(decoding: said, as: UTF8.self)
    }

    static func find() throws -> URL {
        let environment = ProcessInfo.processInfo.environment
        if let named = environment["STYTCH_M2M_EMULATOR"], !named.isEmpty {
            return URL(fileURLWithPath: named)
        }
        let folders = (environment["PATH"] ?? "").split(separator: ":")
        let found = folders.map { URL(fileURLWithPath: String($0)).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        guard let found else {
            throw EmulatorError(
                "there is no program \(name): put the folder `bin` of this package's release on the "
                    + "search path; or get it from a checkout of stytch-m2m with `cargo install "
                    + "--path emulator`; or name it in STYTCH_M2M_EMULATOR")
        }
        return found
    }
}
#endif
