import Foundation

/// The checkout that these tests were built from.
enum Repository {
    static func folder(_ path: String) -> URL {
        URL(fileURLWithPath: #filePath).appending(path: "../../../../../..")
            .appending(path: path).standardizedFileURL
    }
}
