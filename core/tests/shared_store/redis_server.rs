//! A Redis of one's own.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::Client;
use tempfile::TempDir;
use tokio::time::Instant;

pub(crate) struct Redis {
    process: Child,
    folder: TempDir,
    port: u16,
    tls_port: Option<u16>,
    bus: Option<u16>,
}

/// Everything under one name.
pub(crate) type Fields = Vec<(Vec<u8>, Vec<u8>)>;

impl Redis {
    /// A server on a free port of 127.0.0.1; `None`, with a word about it, if there is no Redis on
    /// this machine and this is not CI.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(TempDir::new().unwrap(), None)
    }

    /// The same, which speaks TLS too, with `cert.pem` and `key.pem` of this folder.
    pub(crate) fn start_tls(folder: TempDir) -> Option<Self> {
        Self::start_with(folder, Some(free_port()))
    }

    /// Two nodes of a cluster, each with half of the keys.
    pub(crate) fn start_cluster() -> Option<[Self; 2]> {
        let node = || Self::start_node(TempDir::new().unwrap(), None, true);
        let nodes = [node()?, node()?];
        for (node, slots) in nodes.iter().zip([("0", "8191"), ("8192", "16383")]) {
            let (first, last) = (slots.0.as_bytes(), slots.1.as_bytes());
            let _: String = node.run(&[b"CLUSTER", b"ADDSLOTSRANGE", first, last]);
        }
        let (port, bus) = (nodes[1].port.to_string(), (nodes[1].bus()).to_string());
        let meet: [&[u8]; 5] = [b"CLUSTER", b"MEET", b"127.0.0.1", port.as_bytes(), bus.as_bytes()];
        let _: String = nodes[0].run(&meet);
        let deadline = Instant::now() + Duration::from_secs(20);
        let is_ready = |node: &Self| {
            let info: String = node.run(&[b"CLUSTER", b"INFO"]);
            info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384")
        };
        while !nodes.iter().all(is_ready) {
            assert!(Instant::now() < deadline, "the cluster does not come up");
            std::thread::yield_now();
        }
        Some(nodes)
    }

    fn start_with(folder: TempDir, tls_port: Option<u16>) -> Option<Self> {
        Self::start_node(folder, tls_port, false)
    }

    fn start_node(folder: TempDir, tls_port: Option<u16>, is_cluster: bool) -> Option<Self> {
        let port = free_port();
        // The bus listens there, too.
        let bus = is_cluster.then(free_port);
        let process = match Self::spawn(&folder, port, tls_port, bus) {
            Ok(process) => process,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                assert!(std::env::var_os("CI").is_none(), "redis-server is not installed");
                println!("skipped: redis-server is not installed");
                return None;
            }
            Err(error) => panic!("redis-server did not start: {error}"),
        };
        let redis = Self { process, folder, port, tls_port, bus };
        redis.wait();
        Some(redis)
    }

    fn bus(&self) -> u16 {
        self.bus.unwrap()
    }

    fn spawn(
        folder: &TempDir,
        port: u16,
        tls_port: Option<u16>,
        bus: Option<u16>,
    ) -> std::io::Result<Child> {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]).args([
            "--rdbcompression",
            "no",
            "--dir",
            ".",
        ]);
        if let Some(tls_port) = tls_port {
            command.args(["--tls-port", &tls_port.to_string(), "--tls-auth-clients", "no"]).args([
                "--tls-cert-file",
                "cert.pem",
                "--tls-key-file",
                "key.pem",
            ]);
        }
        if let Some(bus) = bus {
            command.args(["--cluster-enabled", "yes", "--cluster-port", &bus.to_string()]);
        }
        command.current_dir(folder.path()).stdout(Stdio::null()).spawn()
    }

    fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.client().get_connection().is_err() {
            assert!(Instant::now() < deadline, "redis-server does not answer");
            std::thread::yield_now();
        }
    }

    /// Kills it as a crash would, with all it held.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on the same port, empty.
    pub(crate) fn start_again(&mut self) {
        self.process = Self::spawn(&self.folder, self.port, self.tls_port, self.bus).unwrap();
        self.wait();
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    pub(crate) fn tls_url(&self) -> String {
        format!("rediss://localhost:{}/0", self.tls_port.unwrap())
    }

    fn client(&self) -> Client {
        Client::open(self.url()).unwrap()
    }

    pub(crate) fn run<T: redis::FromRedisValue>(&self, words: &[&[u8]]) -> T {
        let mut command = redis::Cmd::new();
        command.arg(words);
        command.query(&mut self.client().get_connection().unwrap()).unwrap()
    }

    /// The names of all that is there.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.run(&[b"KEYS", b"*"]);
        names.sort();
        names
    }

    /// What is under the name.
    pub(crate) fn fields(&self, name: &str) -> Fields {
        self.run(&[b"HGETALL", name.as_bytes()])
    }

    /// All that it would write to a disk.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let _: String = self.run(&[b"SAVE"]);
        std::fs::read(self.folder.path().join("dump.rdb")).unwrap()
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
