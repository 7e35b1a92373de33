// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "demo",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "stytch-m2m", path: "../../../bindings/swift")],
    targets: [
        .executableTarget(
            name: "demo",
            dependencies: [.product(name: "StytchM2M", package: "stytch-m2m")],
            path: "Sources"
        )
    ]
)
