//! Files with secrets: as Kubernetes, editors and careless writers change them.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use stytch_m2m::{SecretSource, TokenSourceConfig};

use crate::token_endpoint::{Caller, Endpoint};

fn caller(endpoint: &Endpoint, path: &Path) -> Caller {
    let client_secret = Some(SecretSource::file(path));
    Caller::new(TokenSourceConfig { client_secret, ..endpoint.settings() })
}

#[tokio::test]
async fn a_file_that_changes_is_read_before_its_old_secret_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    fs::write(&path, "first\r\n").unwrap();
    let endpoint = Endpoint::accepting(["first", "second"]);
    let caller = caller(&endpoint, &path);
    caller.another().await.unwrap();
    fs::write(&path, "second\n\n").unwrap();
    caller.another().await.unwrap();
    assert_eq!(endpoint.secrets(), ["first", "second"]);
}

/// A projected volume: the path leads through two links, of which one is replaced.
#[tokio::test]
async fn a_replaced_link_is_a_change() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for (version, secret) in [("..1", "alpha"), ("..2", "omega")] {
        fs::create_dir(at(version)).unwrap();
        fs::write(at(version).join("secret"), secret).unwrap();
        // The same size and the same time.
        let file = fs::File::options().write(true).open(at(version).join("secret")).unwrap();
        file.set_modified(crate::issuer::at(1_700_000_000)).unwrap();
    }
    symlink("..1", at("..data")).unwrap();
    symlink("..data/secret", at("secret")).unwrap();
    let endpoint = Endpoint::accepting(["alpha", "omega"]);
    let caller = caller(&endpoint, &at("secret"));
    caller.another().await.unwrap();
    symlink("..2", at("..data_tmp")).unwrap();
    fs::rename(at("..data_tmp"), at("..data")).unwrap();
    caller.another().await.unwrap();
    assert_eq!(endpoint.secrets(), ["alpha", "omega"]);
}

#[tokio::test]
async fn a_file_that_is_gone_or_empty_for_a_moment_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    fs::write(&path, "first").unwrap();
    let endpoint = Endpoint::accepting(["first", "second"]);
    let caller = caller(&endpoint, &path);
    caller.another().await.unwrap();
    fs::write(&path, "").unwrap();
    caller.another().await.unwrap();
    fs::remove_file(&path).unwrap();
    caller.another().await.unwrap();
    fs::write(&path, "second").unwrap();
    caller.another().await.unwrap();
    assert_eq!(endpoint.secrets(), ["first", "first", "first", "second"]);
}

/// A refusal is remembered for ten seconds, but not against a new secret.
#[tokio::test]
async fn a_file_that_comes_late_or_is_corrected_is_used_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    let endpoint = Endpoint::accepting(["right"]);
    let caller = caller(&endpoint, &path);
    let error = caller.source.get_token().await.unwrap_err();
    assert_eq!(
        (error.code(), error.details().field.as_deref()),
        ("invalid_config", Some("client_secret"))
    );
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    fs::write(&path, "wrong").unwrap();
    assert_eq!(caller.source.get_token().await.unwrap_err().code(), "authentication");
    assert_eq!(caller.source.get_token().await.unwrap_err().code(), "authentication");
    assert_eq!(endpoint.server.requests(), 1);
    fs::write(&path, "right").unwrap();
    caller.source.get_token().await.unwrap();
}

#[tokio::test]
async fn what_is_no_file_for_a_secret_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::accepting(["s"]);
    let open = dir.path().join("open");
    fs::write(&open, "secret-canary").unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
    let readable = dir.path().join("readable");
    fs::write(&readable, "s").unwrap();
    fs::set_permissions(&readable, fs::Permissions::from_mode(0o444)).unwrap();
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let (long, binary, blank) =
        (dir.path().join("long"), dir.path().join("binary"), dir.path().join("blank"));
    fs::write(&long, "a".repeat(70_000)).unwrap();
    fs::write(&binary, [0xff, 0xfe]).unwrap();
    fs::write(&blank, "\n".repeat(256)).unwrap();
    for (path, what) in [
        (open.as_path(), "every user can write it"),
        (&pipe, "not a regular file"),
        (dir.path(), "not a regular file"),
        (&long, "longer than 64 KiB"),
        (&binary, "UTF-8"),
        (&blank, "it is empty"),
    ] {
        let error = caller(&endpoint, path).source.get_token().await.unwrap_err();
        assert_eq!(error.code(), "invalid_config");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(what) && !shown.contains("canary"), "{shown}");
    }
    // Kubernetes' files are readable by all.
    caller(&endpoint, &readable).source.get_token().await.unwrap();
}
