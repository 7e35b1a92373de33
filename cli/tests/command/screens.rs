//! What a terminal of 44, 80 and 160 columns shows, compared with files: run with UPDATE_SCREENS=1
//! to write them anew.

use std::path::PathBuf;

use stytch_m2m_emulator::{ClientSeed, Emulator, Seed};
use tempfile::TempDir;

use crate::pty::Terminal;
use crate::support::World;

/// Clients with names that try to look like something else.
fn world() -> World {
    let mut seed = Seed::default();
    let scopes = ["read:invoices", "write:invoices", "read:orders", "write:orders"];
    let mut billing = ClientSeed::new("billing", "canary-of-billing-1", scopes);
    billing.client_name = Some("Billing".into());
    billing.client_description = Some("Writes an invoice for each order, at the end of it".into());
    let id = "m2m-client-test-6f2d5a0c-1111-4a3b-9d0e-2f1f7a1c9b00";
    let mut forged = ClientSeed::new(id, "canary-of-forged-1", ["read:users"]);
    forged.client_name =
        Some("A\nadmin  Admin  active  write:all\u{202e} and much more to read".into());
    let mut wide = ClientSeed::new("weit", "canary-of-wide-1", ["read:users"]);
    wide.client_name = Some("請求書を発行するサービス".into());
    wide.status = Some("inactive".into());
    seed.clients = vec![billing, forged, wide];
    seed.project_id = Some("project-test-screens".into());
    World {
        emulator: Emulator::builder().seed(seed).start().unwrap(),
        dir: TempDir::new().unwrap(),
    }
}

const WIDTHS: [u16; 3] = [44, 80, 160];

fn compare(name: &str, arguments: &[&str]) {
    let world = world();
    world.write(
        "clients.yaml",
        "\
clients:
  - { client_id: billing, client_name: Invoices, scopes: [read:invoices, write:invoices] }
  - { client_id: orders, scopes: [read:orders], trusted_metadata: { team: shop } }
",
    );
    for width in WIDTHS {
        let (dir, environment) = (world.dir.path(), world.environment());
        let terminal = Terminal::of_width(width, dir, environment, arguments);
        let (seen, _) = terminal.finish();
        let seen = seen.replace('\r', "").replace(world.emulator.base_url(), "http://EMULATOR");
        let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        path.push(format!("tests/command/screens/{name}-{width}.txt"));
        if std::env::var_os("UPDATE_SCREENS").is_some() {
            std::fs::write(&path, &seen).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(seen, expected, "{name} on {width} columns");
        assert!(!seen.contains('\u{202e}'));
    }
}

#[test]
fn a_list_of_clients() {
    compare("list", &["clients", "list"]);
}

#[test]
fn one_client() {
    compare("get", &["clients", "get", "billing"]);
}

#[test]
fn a_difference() {
    compare("difference", &["clients", "apply", "clients.yaml", "--dry-run"]);
}

/// Whatever a name holds, it starts neither a row nor a field.
#[test]
fn no_name_passes_for_a_row_or_a_field() {
    let world = world();
    for width in (44..=200).step_by(13) {
        let (dir, environment) = (world.dir.path(), world.environment());
        let list = ["clients", "list", "--color", "never"];
        let (seen, _) = Terminal::of_width(width, dir, environment, &list).finish();
        for line in seen.lines() {
            assert!(!line.starts_with("admin"), "{width}: {seen}");
        }
        assert!(seen.contains("\\n") && seen.contains("\\u{202e}"), "{width}: {seen}");
    }
}
