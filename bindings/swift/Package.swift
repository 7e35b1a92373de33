// swift-tools-version: 6.0
import PackageDescription

// `StytchM2MFFI` and `StytchM2MGenerated` are made from the Rust library: `cargo xtask test swift`.
let package = Package(
    name: "stytch-m2m",
    platforms: [.macOS(.v13), .iOS(.v16)],
    products: [
        .library(name: "StytchM2M", targets: ["StytchM2M"]),
        .library(name: "StytchM2MTesting", targets: ["StytchM2MTesting"]),
        .library(name: "StytchM2MURLSession", targets: ["StytchM2MURLSession"]),
    ],
    targets: [
        .systemLibrary(name: "StytchM2MFFI"),
        .target(
            name: "StytchM2MGenerated",
            dependencies: ["StytchM2MFFI"],
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: [.linkedLibrary("stytch_m2m_uniffi")]
        ),
        .target(name: "StytchM2M", dependencies: ["StytchM2MGenerated"]),
        .target(name: "StytchM2MTesting", dependencies: ["StytchM2M"]),
        .target(name: "StytchM2MURLSession", dependencies: ["StytchM2M"]),
        .testTarget(
            name: "StytchM2MTests",
            dependencies: [
                "StytchM2M", "StytchM2MGenerated", "StytchM2MTesting", "StytchM2MURLSession",
            ]
        ),
    ]
)
