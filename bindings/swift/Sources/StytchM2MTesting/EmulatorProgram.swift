#if os(macOS) || os(Linux)
import Foundation

/// The running program. It ends when its standard input does: with this process at the latest.
final class EmulatorProgram: @unchecked Sendable {
    private static let name = "stytch-m2m-emulator"
    private static let variables = ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_BASE_URL"]

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let complaint = Complaint()

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
        process.standardError = complaint.pipe
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
            throw EmulatorError("the emulator did not start: \(complaint.text)")
        }
        return (String(values[0][1]), String(values[1][1]), String(values[2][1]))
    }

    /// What it says until there are as many lines as settings, or until its end.
    private func firstLines() -> String {
        var said = Data()
        while said.filter({ $0 == UInt8(ascii: "\n") }).count < Self.variables.count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            said += more
        }
        if said.isEmpty { complaint.wait() }
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

/// What the program says on standard error, which nobody but a reader of an error wants to see.
private final class Complaint: @unchecked Sendable {
    private static let most = 4_096

    let pipe = Pipe()
    private let lock = NSLock()
    private let ended = DispatchSemaphore(value: 0)
    private var said = Data()

    init() {
        pipe.fileHandleForReading.readabilityHandler = { @Sendable [weak self] handle in
            let more = handle.availableData
            self?.keep(more)
            if more.isEmpty {
                handle.readabilityHandler = nil
                self?.ended.signal()
            }
        }
    }

    private func keep(_ more: Data) {
        lock.withLock { said = Data((said + more).suffix(Self.most)) }
    }

    var text: String {
        let said = lock.withLock { self.said }
        return String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Waits until the program has ended.
    func wait() {
        _ = ended.wait(timeout: .now() + 10)
    }
}
#endif
