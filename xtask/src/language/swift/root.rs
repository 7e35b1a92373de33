//! A Debian 13 root with Swift in the cache, for machines whose own release has no Swift.

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::step::Step;
use crate::workspace::Workspace;
use crate::{apt, cache};

const SUITE: &str = "trixie";

const PACKAGES: &str = "--include=swiftlang,libc6-dev,ca-certificates";

/// What a compiler and a test runner do not need: it halves the root.
const EXCLUDED: [&str; 12] = [
    "/usr/share/man/*",
    "/usr/share/doc/*",
    "/usr/share/locale/*",
    "/usr/libexec/swift/lib/swift_static/*",
    "/usr/libexec/swift/lib/liblldb*",
    "/usr/libexec/swift/lib/libLTO*",
    "/usr/libexec/swift/lib/libsourcekitdInProc.so",
    "/usr/libexec/swift/lib/swift/embedded/*",
    "/usr/libexec/swift/bin/lldb*",
    "/usr/libexec/swift/bin/clangd",
    "/usr/libexec/swift/bin/sourcekit-lsp",
    "/usr/libexec/swift/bin/docc",
];

/// Runs `"$@"` in the root, in `$dir`. The mounts are private: they vanish with the process.
const ENTER: &str = r#"
root=$1 dir=$2 repository=$3 target=$4
shift 4
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for shared in "$repository" "$target"; do
  mkdir -p "$root$shared"
  mount --bind "$shared" "$root$shared"
done
for file in /etc/hosts /etc/resolv.conf; do
  [ -e "$file" ] || continue
  touch "$root$file"
  mount --bind "$file" "$root$file"
done
exec chroot "$root" /usr/bin/env -C "$dir" "$@"
"#;

const PRIVATE_MOUNTS: [&str; 3] = ["--mount", "--propagation", "private"];

/// Whether this machine can make such a root and enter it.
pub(super) fn is_possible(workspace: &Workspace) -> bool {
    apt::archive().is_some()
        && apt::can_have("mmdebstrap")
        && workspace.step("unshare").args(PRIVATE_MOUNTS).arg("true").succeeds()
}

/// A step that runs `program` in the root, which is made first if need be. The checkout and the
/// network are the machine's own; of the environment, only what the caller adds is seen.
pub(super) fn step(workspace: &Workspace, dir: impl AsRef<Path>, program: &str) -> Result<Step> {
    let root = ensure(workspace)?;
    Ok(workspace
        .step("unshare")
        .args(PRIVATE_MOUNTS)
        .args(["bash", "-ec", ENTER, "enter"])
        .arg(root)
        .arg(workspace.path(dir))
        .arg(workspace.root())
        .arg(workspace.target(""))
        .arg(program)
        .shown_as(&format!("(in {SUITE}) {program}"))
        .clear_env()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", "/root")
        .env("LANG", "C.UTF-8"))
}

/// Makes it if need be, and returns where it is.
pub(super) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    cache::folder("swift-root", &recipe(), |root| make(workspace, root))
}

fn make(workspace: &Workspace, root: &Path) -> Result<()> {
    apt::ensure(workspace, "mmdebstrap", "1 MB")?;
    let archive = apt::archive().context("this machine's sources name no Debian archive")?;
    workspace
        .step("unshare")
        .args(PRIVATE_MOUNTS)
        .args(options())
        .arg(format!("--keyring={}", archive.keyring.display()))
        .arg(SUITE)
        .arg(root)
        .arg(archive.uri)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .named("make a Debian 13 with Swift, once (1.3 GB on disk)")
        .downloads("540 MB", root.parent().unwrap_or(root))
        .run()
}

fn options() -> Vec<String> {
    let fixed = ["mmdebstrap", "--mode=root", "--variant=apt", PACKAGES];
    let excluded = EXCLUDED.iter().map(|path| format!("--dpkgopt=path-exclude={path}"));
    let mut options: Vec<_> = fixed.into_iter().map(str::to_owned).chain(excluded).collect();
    options.push("--aptopt=APT::Install-Recommends \"false\"".to_owned());
    options
}

/// All that decides what is in the root: a change to it makes another.
fn recipe() -> String {
    format!("{SUITE} {ARCH} {}", options().join(" "))
}
