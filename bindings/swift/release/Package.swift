// swift-tools-version: 6.0
import PackageDescription

// The manifest of a release; `build.sh` fills in the version and the checksum.
#if os(Linux)
let native = Target.systemLibrary(name: "StytchM2MFFI", pkgConfig: "stytch_m2m_uniffi")
#else
let releases = "https://github.com/stytch-m2m/stytch-m2m/releases/download"
let native = Target.binaryTarget(
    name: "StytchM2MFFI",
    url: "\(releases)/v@VERSION@/StytchM2MFFI.xcframework.zip",
    checksum: "@CHECKSUM@"
)
#endif

let apple: BuildSettingCondition = .when(platforms: [.macOS, .iOS])

let package = Package(
    name: "stytch-m2m",
    platforms: [.macOS(.v13), .iOS(.v16)],
    products: [
        .library(name: "StytchM2M", targets: ["StytchM2M"]),
        .library(name: "StytchM2MTesting", targets: ["StytchM2MTesting"]),
        .library(name: "StytchM2MURLSession", targets: ["StytchM2MURLSession"]),
    ],
    targets: [
        native,
        .target(
            name: "StytchM2MGenerated",
            dependencies: ["StytchM2MFFI"],
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: [
                .linkedFramework("Security", apple),
                .linkedFramework("SystemConfiguration", apple),
            ]
        ),
        .target(name: "StytchM2M", dependencies: ["StytchM2MGenerated"]),
        .target(name: "StytchM2MTesting", dependencies: ["StytchM2M"]),
        .target(name: "StytchM2MURLSession", dependencies: ["StytchM2M"]),
    ]
)
