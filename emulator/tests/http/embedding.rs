use std::net::{SocketAddr, TcpStream};

use stytch_m2m_emulator::Emulator;

use crate::support::say;

fn address(emulator: &Emulator) -> SocketAddr {
    emulator.base_url().strip_prefix("http://").unwrap().parse().unwrap()
}

#[test]
fn it_starts_and_stops_in_synchronous_code() {
    let emulator = Emulator::start().unwrap();
    let address = address(&emulator);
    assert!(address.ip().is_loopback());
    TcpStream::connect(address).unwrap();
    drop(emulator);
    TcpStream::connect(address).unwrap_err();
}

#[tokio::test]
async fn it_starts_and_stops_in_asynchronous_code() {
    let emulator = Emulator::start().unwrap();
    let address = address(&emulator);
    // A connection kept open must not keep the server alive.
    let open = TcpStream::connect(address).unwrap();
    emulator.stop();
    TcpStream::connect(address).unwrap_err();
    drop(open);
}

#[test]
fn two_run_side_by_side_with_settings_of_their_own() {
    let one = Emulator::start().unwrap();
    let two = Emulator::builder().project_id("project-test-two").secret("its secret");
    let two = two.start().unwrap();
    assert_ne!(one.base_url(), two.base_url());
    assert_ne!(one.secret(), two.secret());
    assert!(one.project_id().starts_with("project-test-"));
    assert!(one.secret().starts_with("secret-test-"));
    assert_eq!((two.project_id(), two.secret()), ("project-test-two", "its secret"));
}

#[test]
fn it_listens_on_ipv6_loopback() {
    let address: SocketAddr = "[::1]:0".parse().unwrap();
    match Emulator::builder().address(address).start() {
        Ok(emulator) => assert!(emulator.base_url().starts_with("http://[::1]:")),
        Err(error) => say(&format!("skipped: this machine has no IPv6 loopback ({error})")),
    }
}

#[test]
fn debug_shows_no_secret() {
    let builder = Emulator::builder().secret("canary-secret");
    assert!(!format!("{builder:?}").contains("canary"));
    let emulator = builder.start().unwrap();
    assert!(!format!("{emulator:?}").contains("canary"));
    assert!(format!("{emulator:?}").contains(emulator.base_url()));
}

#[test]
fn it_can_be_shared_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<Emulator>();
}
