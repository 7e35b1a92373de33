// swift-tools-version: 6.0
import PackageDescription

let stytchM2M = Target.Dependency.product(name: "StytchM2M", package: "stytch-m2m")

let package = Package(
    name: "stytch-m2m-examples",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "stytch-m2m", path: "../../../bindings/swift")],
    targets: [
        .executableTarget(name: "demo", dependencies: [stytchM2M]),
        .executableTarget(
            name: "emulator",
            dependencies: [
                stytchM2M, .product(name: "StytchM2MTesting", package: "stytch-m2m"),
            ]),
        .executableTarget(name: "guide", dependencies: [stytchM2M]),
        .executableTarget(name: "migration", dependencies: [stytchM2M]),
        .executableTarget(name: "quickstart", dependencies: [stytchM2M]),
        // The code for other packages, compiled against stand-ins of these: a build fetches nothing.
        .target(name: "HTTPTypes", path: "StandIns/HTTPTypes"),
        .target(name: "Hummingbird", dependencies: ["HTTPTypes"], path: "StandIns/Hummingbird"),
        .target(name: "Logging", path: "StandIns/Logging"),
        .target(name: "Vapor", path: "StandIns/Vapor"),
        .target(name: "HummingbirdIntegration", dependencies: ["Hummingbird", stytchM2M]),
        .target(name: "SwiftLogIntegration", dependencies: ["Logging", stytchM2M]),
        .target(name: "VaporIntegration", dependencies: ["Vapor", stytchM2M]),
        .executableTarget(
            name: "integrations",
            dependencies: [
                "Hummingbird", "HummingbirdIntegration", "Logging", "SwiftLogIntegration", "Vapor",
                "VaporIntegration", stytchM2M,
            ]),
    ]
)
