//! Four processes, each with fifty callers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use stytch_m2m::{TokenSource, TokenSourceConfig};

use crate::redis_server::Redis;
use crate::server::Server;
use crate::sharing::{numbered, settings, token_server};

const PROCESSES: usize = 4;
const CALLERS: usize = 50;
/// What a worker is told through its environment.
const STORE: &str = "STYTCH_M2M_TEST_STORE";
const SERVER: &str = "STYTCH_M2M_TEST_SERVER";

/// A process of the fleet: this same program, running [`worker`].
struct Worker {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start(server: &Server, redis: &Redis) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "fleet::worker", "--ignored", "--nocapture"])
            .env(STORE, redis.url())
            .env(SERVER, server.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut worker = Self { process, input, output: BufReader::new(output) };
        worker.answer("ready");
        worker
    }

    fn tell(&mut self, command: &str) {
        writeln!(self.input, "{command}").unwrap();
        self.input.flush().unwrap();
    }

    /// What follows `word` in the next line that starts with it.
    fn answer(&mut self, word: &str) -> String {
        let mut line = String::new();
        while self.output.read_line(&mut line).unwrap() > 0 {
            // The test harness of the worker writes to the same stream, without ending the line.
            if let Some((_, rest)) = line.split_once(&format!("worker: {word}")) {
                return rest.trim().to_owned();
            }
            line.clear();
        }
        panic!("a worker ended without saying {word}");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn fleet(server: &Server, redis: &Redis) -> Vec<Worker> {
    (0..PROCESSES).map(|_| Worker::start(server, redis)).collect()
}

#[test]
fn four_processes_of_fifty_callers_make_one_request_for_each_grant() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let mut fleet = fleet(&server, &redis);
    for grant in 0..5 {
        for worker in &mut fleet {
            worker.tell(&format!("once client-{grant}"));
        }
        for worker in &mut fleet {
            assert_eq!(worker.answer("token"), format!("token-canary-{grant}"));
        }
        assert_eq!(server.requests(), grant + 1);
    }
    let calls = PROCESSES * CALLERS;
    println!("{calls} callers in {PROCESSES} processes: 1 request for each of 5 grants");
}

#[test]
fn when_redis_is_killed_in_the_middle_no_caller_fails() {
    let Some(mut redis) = Redis::start() else { return };
    // Short enough that all have to ask again several times while it is away.
    let server = Server::start(|seen| numbered(seen.number, 2));
    let mut fleet = fleet(&server, &redis);
    for worker in &mut fleet {
        worker.tell("loop client");
    }
    wait_for(&server, 3);
    let with_redis = server.requests();
    redis.kill();
    wait_for(&server, with_redis + 4 * PROCESSES);
    redis.start_again();
    wait_for(&server, server.requests() + 2);
    for worker in &mut fleet {
        worker.tell("stop");
    }
    let mut calls = 0;
    for worker in &mut fleet {
        let answer = worker.answer("made");
        let (made, failed) = answer.split_once(" calls, failed ").unwrap();
        assert_eq!(failed, "0");
        calls += made.parse::<usize>().unwrap();
    }
    assert!(calls > PROCESSES * CALLERS);
    println!("{calls} calls around the death of Redis, 0 failed");
}

fn wait_for(server: &Server, requests: usize) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while server.requests() < requests {
        assert!(tokio::time::Instant::now() < deadline, "{} requests", server.requests());
        std::thread::yield_now();
    }
}

#[test]
#[ignore = "the tests above run it in processes of its own"]
fn worker() {
    let (server, store) = (std::env::var(SERVER).unwrap(), std::env::var(STORE).unwrap());
    let source = |client_id: &str| {
        let unused = Server::start(|_| unreachable!());
        TokenSource::new(TokenSourceConfig {
            base_url: Some(server.clone()),
            client_id: client_id.to_owned(),
            ..settings(&unused, &store, Default::default())
        })
        .unwrap()
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("worker: ready");
    let mut lines = std::io::stdin().lines().map(Result::unwrap);
    while let Some(line) = lines.next() {
        match line.split_once(' ').unwrap() {
            ("once", client_id) => {
                let source = source(client_id);
                let token = runtime.block_on(at_once(&source));
                println!("worker: token {token}");
            }
            (_, client_id) => {
                let source = source(client_id);
                let stop = Arc::<AtomicBool>::default();
                let calls = runtime.spawn(keep_calling(source, Arc::clone(&stop)));
                assert_eq!(lines.next().as_deref(), Some("stop"));
                stop.store(true, Ordering::SeqCst);
                let (made, failed) = runtime.block_on(calls).unwrap();
                println!("worker: made {made} calls, failed {failed}");
            }
        }
    }
}

/// The one token that all callers got.
async fn at_once(source: &TokenSource) -> String {
    let callers = (0..CALLERS).map(|_| {
        let source = source.clone();
        tokio::spawn(async move { source.get_token().await.unwrap().access_token })
    });
    let mut tokens: Vec<_> = join_all(callers).await.into_iter().map(Result::unwrap).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    tokens[0].expose().to_owned()
}

async fn keep_calling(source: TokenSource, stop: Arc<AtomicBool>) -> (usize, usize) {
    let failed = Arc::<AtomicUsize>::default();
    let callers = (0..CALLERS).map(|_| {
        let (source, stop, failed) = (source.clone(), Arc::clone(&stop), Arc::clone(&failed));
        tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            let mut made = 0;
            while !stop.load(Ordering::SeqCst) {
                pace.tick().await;
                if source.get_token().await.is_err() {
                    failed.fetch_add(1, Ordering::SeqCst);
                }
                made += 1;
            }
            made
        })
    });
    let made = join_all(callers).await.into_iter().map(Result::unwrap).sum();
    (made, failed.load(Ordering::SeqCst))
}
