import Foundation

/// A real server on a loopback port, which answers as it was told or not at all.
final class LocalServer: Sendable {
    enum Behaviour {
        /// Sends the first text on the first connection, whatever was asked, and so on; the last
        /// one on all that follow. Closes each connection.
        case replies([String])
        /// Takes the request and says nothing.
        case silence

        var replies: [String] {
            if case .replies(let replies) = self { replies } else { [] }
        }
    }

    enum Event {
        /// The head of a request arrived.
        case request(String)
        /// The client closed the connection.
        case disconnected
    }

    let baseURL: String
    /// What happens, as it happens. For one reader.
    let events: AsyncStream<Event>
    private let listener: Int32

    convenience init(_ behaviour: Behaviour) throws {
        try self.init { _ in behaviour.replies }
    }

    /// The texts to send, as for ``Behaviour/replies(_:)``, made of the server's own address.
    init(replies: (_ baseURL: String) -> [String]) throws {
        let (listener, port) = try listen()
        let (events, happened) = AsyncStream.makeStream(of: Event.self)
        self.listener = listener
        self.events = events
        baseURL = "http://127.0.0.1:\(port)"
        let replies = replies(baseURL)
        Thread.detachNewThread {
            var replies = replies[...]
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                let reply = replies.count > 1 ? replies.popFirst() : replies.first
                Thread.detachNewThread { serve(connection, reply, happened) }
            }
            #if !canImport(Darwin)
            // Not before: another socket would get its number while this thread still accepts on it.
            close(listener)
            #endif
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        #if canImport(Darwin)
        close(listener)
        #endif
    }

    /// A base URL where nothing listens.
    static func closedPort() throws -> String {
        let (listener, port) = try listen()
        close(listener)
        return "http://127.0.0.1:\(port)"
    }
}

private func serve(
    _ connection: Int32, _ reply: String?,
    _ happened: AsyncStream<LocalServer.Event>.Continuation
) {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var asked = false
    while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 {
        guard !asked else { continue }
        asked = true
        happened.yield(.request(String(decoding: buffer.prefix(count), as: UTF8.self)))
        if let reply {
            _ = send(connection, reply, reply.utf8.count, 0)
            shutdown(connection, Int32(SHUT_WR))
        }
    }
    close(connection)
    happened.yield(.disconnected)
}

/// A listening socket on a free loopback port.
private func listen() throws -> (listener: Int32, port: UInt16) {
    #if canImport(Darwin)
    let stream = SOCK_STREAM
    #else
    let stream = Int32(SOCK_STREAM.rawValue)
    #endif
    let listener = socket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let failed = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(listener, address, size) != 0 || listen(listener, 128) != 0
                || getsockname(listener, address, &size) != 0
        }
    }
    if failed { throw SetupError("cannot listen on 127.0.0.1") }
    return (listener, UInt16(bigEndian: address.sin_port))
}
