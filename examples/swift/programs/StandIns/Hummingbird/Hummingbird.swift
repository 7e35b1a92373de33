// swift-format-ignore-file
@_exported import HTTPTypes

// What the examples use of Hummingbird (2.9), so that they compile where no package can be fetched.

public protocol RequestContext: Sendable {}

public struct ByteBuffer: Sendable {
    public let string: String
    public init(string: String) { self.string = string }
}

public struct ResponseBody: Sendable {
    public let buffer: ByteBuffer
    public init(byteBuffer: ByteBuffer) { buffer = byteBuffer }
}

public struct Request: Sendable {
    public var headers: HTTPFields
    public init(headers: HTTPFields) { self.headers = headers }
}

public struct Response: Sendable {
    public var status: HTTPResponse.Status
    public var headers: HTTPFields
    public var body: ResponseBody

    public init(
        status: HTTPResponse.Status, headers: HTTPFields = .init(),
        body: ResponseBody = .init(byteBuffer: ByteBuffer(string: ""))
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

public protocol MiddlewareProtocol<Input, Output, Context>: Sendable {
    associatedtype Input
    associatedtype Output
    associatedtype Context

    func handle(
        _ input: Input, context: Context, next: (Input, Context) async throws -> Output
    ) async throws -> Output
}

public protocol RouterMiddleware<Context>: MiddlewareProtocol
where Input == Request, Output == Response {}
