//! What Swift's packages are fetched as: sources, and the library of this machine's platform.

use std::fs;
use std::path::Path;

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

const NAME: &str = "stytch-m2m-swift";

pub(super) fn build(dist: &Dist<'_>) -> Result<Vec<String>> {
    let package = dist.folder.join(NAME);
    package_in(dist, &package)?;
    let path = package.display();
    let mut usage = vec![format!(".package(name: \"stytch-m2m\", path: \"{path}\")")];
    if cfg!(target_os = "linux") {
        usage.push(format!("PKG_CONFIG_PATH={path}/lib/pkgconfig swift build"));
    }
    Ok(usage)
}

/// The sources in the folder `to`, with the library and what finds it.
fn package_in(dist: &Dist<'_>, to: &Path) -> Result<()> {
    let build = dist.workspace.step("bindings/swift/release/build.sh").arg(to);
    let build = build.env("CARGO_TARGET_DIR", dist.workspace.target(""));
    build.named("compile the library, optimized, and generate the code over it").run()
}

pub(super) fn make(dist: &Dist<'_>) -> Result<()> {
    let package = dist.empty(NAME)?;
    package_in(dist, &package)?;
    let archive = format!("stytch-m2m-swift-{}.tar.gz", dist.version);
    let tar = dist.workspace.step("tar").args(["--create", "--gzip", "--file"]);
    let tar = tar.arg(dist.folder.join(archive)).arg("--directory");
    tar.arg(dist.workspace.target("dist-work")).arg(NAME).run()?;

    let home = dist.empty("swift-proof")?;
    fs::write(home.join("Package.swift"), MANIFEST)?;
    fs::create_dir_all(home.join("Sources/proof"))?;
    let source = "examples/swift/programs/Sources/quickstart/main.swift";
    dist.copy(source, &home.join("Sources/proof/main.swift"))?;
    let swift = program(dist.workspace, &home, "swift")?;
    let swift = swift.args(["run", "--disable-sandbox", "--pkg-config-path"]);
    dist.quickstart(swift.arg(package.join("lib/pkgconfig")))
}
