import Foundation
import StytchM2M
import Testing

/// Every scenario of `tests/scenarios`, whose README says what is done here.
@Suite struct ScenarioTests {
    @Test(.timeLimit(.minutes(5)))
    func everyScenarioGoesAsWritten() async throws {
        let server = try ScenarioServer()
        let files = try FileManager.default.contentsOfDirectory(
            at: Repository.folder("tests/scenarios"), includingPropertiesForKeys: nil)
        var played = 0
        for url in files.sorted(by: { $0.path < $1.path }) where url.pathExtension == "json" {
            let file = try Arguments(
                JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: url)))
            _ = try file.take("about")
            let (seed, scenarios) = (try file.take("seed"), try file.list("scenarios"))
            try file.end()
            for scenario in scenarios {
                played += 1
                let scenario = try Arguments(scenario)
                let name = try scenario.text("name")
                do {
                    try await play(scenario, seed, server)
                } catch {
                    Issue.record("\(url.lastPathComponent), \(name): \(error)")
                }
            }
        }
        print("scenarios: \(played) cases")
        #expect(played >= 80)
    }

    func play(_ scenario: Arguments, _ seed: JSONValue, _ server: ScenarioServer) async throws {
        let (steps, hits) = (try scenario.list("steps"), try scenario.take("hits"))
        let world = try await World(scenario, seed, server)
        try scenario.end()
        var saved = ["project_id": server.projectID]
        for (index, step) in steps.enumerated() {
            let step = try Arguments(step)
            let call = try step.text("call")
            do {
                try await take(call, step, world, &saved)
            } catch {
                throw Mismatch("step \(index + 1), \(call): \(error)")
            }
        }
        let counted = try await server.hits()
        if counted != hits { throw Mismatch("the hits are \(counted), not \(hits)") }
    }

    func take(
        _ call: String, _ step: Arguments, _ world: World, _ saved: inout [String: String]
    ) async throws {
        let with = try filled(step.optional("with") ?? .object([:]), saved)
        let (inARow, atOnce) = (try step.count("repeat"), try step.count("concurrently"))
        let result = try step.optional("result").map { [saved] in try filled($0, saved) }
        let error = try step.optional("error").map { [saved] in try filled($0, saved) }
        let save = step.optional("save")?.objectValue ?? [:]
        try step.end()
        let isSingle = inARow == nil && atOnce == nil && error == nil
        guard inARow == nil || atOnce == nil, result == nil || error == nil,
            save.isEmpty || isSingle
        else { throw Mismatch("two of what exclude each other") }

        var outcomes: [Outcome] = []
        if let atOnce {
            let calls = (0..<atOnce).map { _ in Task { try await world.call(call, with) } }
            for call in calls { outcomes.append(try await call.value) }
        } else {
            for _ in 0..<(inARow ?? 1) { outcomes.append(try await world.call(call, with)) }
        }
        for outcome in outcomes { try compare(outcome, result, error) }
        for (name, path) in save {
            guard case .result(let result) = outcomes[0], let path = path.stringValue,
                let text = find(result, path)
            else { throw Mismatch("the result has no \(path)") }
            saved[name] = text
        }
    }

    func compare(_ outcome: Outcome, _ result: JSONValue?, _ error: JSONValue?) throws {
        switch (outcome, error) {
        case (.result(let got), nil):
            if let result { try match(got, result) }
        case (.error(let got), let wanted?):
            let unknown = Set(wanted.objectValue?.keys.map { $0 } ?? [])
                .subtracting(got.objectValue?.keys.map { $0 } ?? [])
            if !unknown.isEmpty { throw Mismatch("an error has no \(unknown)") }
            try match(got, wanted)
        case (.result, let wanted?): throw Mismatch("no error, where \(wanted) was due")
        case (.error(let got), nil): throw Mismatch("failed: \(got)")
        }
    }

    /// Objects may have more than what is wanted, arrays may not.
    func match(_ got: JSONValue, _ wanted: JSONValue) throws {
        switch (got, wanted) {
        case (.object(let got), .object(let wanted)):
            for (name, value) in wanted { try match(got[name] ?? .null, value) }
        case (.array(let got), .array(let wanted)) where got.count == wanted.count:
            for (got, wanted) in zip(got, wanted) { try match(got, wanted) }
        default:
            if let number = got.doubleValue, number == wanted.doubleValue { return }
            if got != wanted { throw Mismatch("\(got), not \(wanted)") }
        }
    }

    /// `value` with the saved values in place of their `${name}`.
    func filled(_ value: JSONValue, _ saved: [String: String]) throws -> JSONValue {
        switch value {
        case .string(let text):
            let text = saved.reduce(text) {
                $0.replacingOccurrences(of: "${\($1.key)}", with: $1.value)
            }
            if text.contains("${") { throw Mismatch("nothing is saved under the name in \(text)") }
            return .string(text)
        case .array(let items): return .array(try items.map { try filled($0, saved) })
        case .object(let members): return .object(try members.mapValues { try filled($0, saved) })
        default: return value
        }
    }

    /// The text at a path such as `m2m_client.client_id`.
    func find(_ result: JSONValue, _ path: String) -> String? {
        let start: JSONValue? = result
        let names = path.split(separator: ".").map(String.init)
        return names.reduce(start) { $0?.objectValue?[$1] }?.stringValue
    }
}

/// How a scenario went otherwise than written.
struct Mismatch: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
