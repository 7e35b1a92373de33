//! What Swift's packages are fetched as: sources, and the library of this machine's platform.

use std::fs;

use anyhow::Result;

use super::program;
use crate::dist::Dist;

const MANIFEST: &str = r#"// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "proof",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "stytch-m2m", path: "../stytch-m2m-swift")],
    targets: [
        .executableTarget(
            name: "proof", dependencies: [.product(name: "StytchM2M", package: "stytch-m2m")])
    ]
)
"#;

pub(super) fn make(dist: &Dist<'_>) -> Result<()> {
    let package = dist.empty("stytch-m2m-swift")?;
    let build = dist.workspace.step("bindings/swift/release/build.sh").arg(&package);
    build.env("CARGO_TARGET_DIR", dist.workspace.target("")).run()?;
    let archive = format!("stytch-m2m-swift-{}.tar.gz", dist.version);
    let tar = dist.workspace.step("tar").args(["--create", "--gzip", "--file"]);
    let tar = tar.arg(dist.folder.join(archive)).arg("--directory");
    tar.arg(dist.workspace.target("dist-work")).arg("stytch-m2m-swift").run()?;

    let home = dist.empty("swift-proof")?;
    fs::write(home.join("Package.swift"), MANIFEST)?;
    fs::create_dir_all(home.join("Sources/proof"))?;
    let source = "examples/swift/programs/Sources/quickstart/main.swift";
    dist.copy(source, &home.join("Sources/proof/main.swift"))?;
    let swift = program(dist.workspace, &home, "swift")?;
    let swift = swift.args(["run", "--disable-sandbox", "--pkg-config-path"]);
    dist.quickstart(swift.arg(package.join("lib/pkgconfig")))
}
