// swift-tools-version: 6.0
import PackageDescription

let stytchM2M = Target.Dependency.product(name: "StytchM2M", package: "stytch-m2m")

let package = Package(
    name: "stytch-m2m-examples",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "stytch-m2m", path: "../../../bindings/swift")],
    targets: [
        .executableTarget(name: "demo", dependencies: [stytchM2M]),
        .executableTarget(name: "guide", dependencies: [stytchM2M]),
        .executableTarget(name: "migration", dependencies: [stytchM2M]),
        .executableTarget(name: "quickstart", dependencies: [stytchM2M]),
    ]
)
