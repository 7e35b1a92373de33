//! Keycloak's distribution, from Maven Central, built for a database in memory.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::cache;
use crate::step::is_installed;
use crate::tool;
use crate::workspace::Workspace;

const VERSION: &str = "26.7.3";
const SHA256: &str = "27a6535553c3cdcd083872ba40629efafb3475e3b758e0c6f691395561dd0f1f";
/// What the build decides; `tests/judges/keycloak.sh` has the rest.
const OPTIONS: [&str; 1] = ["--db=dev-mem"];

/// The folder of a Keycloak that starts as it is.
pub(crate) struct Keycloak(PathBuf);

impl Keycloak {
    /// Downloads and builds it, once, where that is possible: then it is in the cache. Without it,
    /// tests say that they are skipped.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Option<Self>> {
        let tools = ["sh", "jar", "mvn", "sha256sum"];
        let has_tools = cfg!(unix) && tools.into_iter().all(is_installed);
        if !has_tools || tool::lacks_java(workspace) {
            return Ok(None);
        }
        let recipe = format!("{VERSION} {SHA256} {OPTIONS:?}");
        let cached = cache::folder("keycloak", &recipe, |folder| {
            let archive = format!("keycloak-quarkus-dist-{VERSION}.zip");
            let coordinates = format!("org.keycloak:keycloak-quarkus-dist:{VERSION}:zip");
            let download = tool::copy_artifact(workspace, &coordinates, folder);
            let name = format!("download Keycloak {VERSION}");
            download.named(name).downloads("180 MB", folder).run()?;
            let sums = folder.join("SHA256SUMS");
            fs::write(&sums, format!("{SHA256}  {archive}\n"))?;
            let check = workspace.step("sha256sum").dir(folder).args(["--check", "--quiet"]);
            check.arg(&sums).named("check Keycloak's checksum").run()?;
            let unpack = workspace.step("jar").dir(folder).args(["xf", &archive]);
            unpack.named("unpack Keycloak").run()?;
            fs::remove_file(folder.join(&archive)).context("cannot remove the archive")?;
            let build = workspace.step("sh").dir(folder.join(home())).args(["bin/kc.sh", "build"]);
            build.args(OPTIONS).named("build Keycloak, once (about 1 min)").run()
        })?;
        Ok(Some(Self(cached.join(home()))))
    }

    /// The variable that tells tests where it is.
    pub(crate) fn env(&self) -> (&'static str, String) {
        ("STYTCH_M2M_TEST_KEYCLOAK", self.0.display().to_string())
    }
}

/// The folder in the archive.
fn home() -> String {
    format!("keycloak-{VERSION}")
}
