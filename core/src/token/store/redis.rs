//! Redis and Valkey, alone or as a cluster.

use std::fmt;
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Cmd, ConnectionAddr, FromRedisValue, IntoConnectionInfo as _,
    RedisError, RedisFuture, Value, cmd,
};
use tokio::time::timeout;

use super::tls::StoreTls;
use super::{MAX_VALUE, StoreError, StoreFuture, TokenStore};
use crate::config::TransportConfig;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::single_flight::{NoResult, SingleFlight};

/// Maximum time to connect, TLS included. No call waits that long.
const CONNECT: Duration = Duration::from_secs(2);
/// Time after which a connection attempt is abandoned.
const ABANDON_AFTER: Duration = Duration::from_secs(4);
/// Attempts of a call: it is retried on a new connection, and on one to a cluster.
const ATTEMPTS: usize = 3;

/// Reads a value of at most `ARGV[1]` bytes: a larger one is never transferred.
const GET: &str = "
if redis.call('HSTRLEN', KEYS[1], 'value') > tonumber(ARGV[1]) then return false end
return redis.call('HGET', KEYS[1], 'value')";
/// A value is a hash, so that the server can compare expiry times.
const PUT: &str = "
local there = tonumber(redis.call('HGET', KEYS[1], 'expires_at') or '')
local readable = redis.call('HSTRLEN', KEYS[1], 'value') <= tonumber(ARGV[4])
if there and readable and there >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'expires_at', ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[3])";
const REMOVE: &str = "
if redis.call('HGET', KEYS[1], 'value') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])";
const UNLOCK: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])";

pub(super) struct RedisStore {
    url: Secret,
    tls: StoreTls,
    /// Created in the background on first use, and again when it breaks or stops responding.
    connections: SingleFlight<Connections, NumberedConnection>,
}

#[derive(Default)]
struct Connections {
    current: Option<NumberedConnection>,
    /// Number of connections created so far: the number of the next one.
    made: u64,
    /// Whether the server said that it belongs to a cluster.
    is_cluster: bool,
}

/// A connection and its number.
#[derive(Clone)]
struct NumberedConnection(Connection, u64);

#[derive(Clone)]
enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Makes a store at `url`, such as `rediss://user:password@host:6379/0`. No I/O.
    pub(super) fn new(
        url: &Secret,
        allow_unencrypted: bool,
        transport: &TransportConfig,
    ) -> Result<Self> {
        let wrong = |what: &str| Error::invalid_config("token_store_url", what);
        let info = url.expose().into_connection_info().map_err(|_| {
            wrong("token_store_url must be a URL of Redis or Valkey, such as rediss://host:6379")
        })?;
        match info.addr() {
            ConnectionAddr::TcpTls { insecure: true, .. } => {
                return Err(wrong("token_store_url must not switch off certificate verification"));
            }
            ConnectionAddr::Tcp(host, _)
                if !allow_unencrypted
                    && info.redis_settings().password().is_some()
                    && !is_loopback(host) =>
            {
                return Err(wrong(
                    "token_store_url would send its password unencrypted to another host: use \
                     rediss://, or set token_store_allow_unencrypted",
                ));
            }
            _ => {}
        }
        let connections =
            SingleFlight::new(transport.spawner.clone(), transport.clock.clone(), ABANDON_AFTER);
        Ok(Self { url: url.clone(), tls: StoreTls::of(transport), connections })
    }

    async fn run<T: FromRedisValue>(&self, command: Cmd) -> Result<T, StoreError> {
        let mut failure = None;
        for _ in 0..ATTEMPTS {
            let NumberedConnection(mut connection, number) = self.connection().await?;
            // A call that is cancelled leaves a connection that does not respond: the next call
            // creates another.
            let mut if_cancelled = DropIfCancelled { store: self, number: Some(number) };
            let outcome = command.query_async::<T>(&mut connection).await;
            if_cancelled.number = None;
            match (outcome, &connection) {
                (Err(error), Connection::Single(_)) if error.is_cluster_error() => {
                    self.connections.with_state(|connections, _| connections.is_cluster = true);
                    self.drop_connection(number);
                    failure = Some(error);
                }
                // The server was restarted, or the connection's runtime was shut down.
                (Err(error), _) if is_broken(&error) => {
                    self.drop_connection(number);
                    failure = Some(error);
                }
                (outcome, _) => return outcome.map_err(without_details),
            }
        }
        Err(failure.map_or_else(|| "no connection".into(), without_details))
    }

    /// The current connection, or a new one.
    async fn connection(&self) -> Result<NumberedConnection, StoreError> {
        let join_or_start = || {
            let (url, tls) = (self.url.clone(), self.tls.clone());
            let is_cluster = self.connections.with_state(|connections, _| connections.is_cluster);
            self.connections.join_or_start(
                |connections| connections.current.clone().map_or(Ok(()), Err),
                || async move {
                    match timeout(CONNECT, connect(&url, &tls, is_cluster)).await {
                        Ok(Ok(connection)) => Ok(NumberedConnection(connection, 0)),
                        Ok(Err(error)) => {
                            Err(Error::new(ErrorKind::Network, without_details(error).to_string()))
                        }
                        Err(_) => Err(Error::new(ErrorKind::Timeout, "no connection in time")),
                    }
                },
                |connections, made, is_latest| {
                    if let (Ok(NumberedConnection(connection, _)), true) = (made, is_latest) {
                        connections.made += 1;
                        connections.current =
                            Some(NumberedConnection(connection.clone(), connections.made));
                    }
                },
                |_| {},
            )
        };
        let numbered = |made: NumberedConnection| {
            self.connections
                .with_state(|connections, _| connections.current.clone())
                .unwrap_or(made)
        };
        match self.connections.run(join_or_start).await {
            Ok((made, _)) => Ok(numbered(made)),
            Err(NoResult::Declined(current)) => Ok(current),
            Err(NoResult::Failed(error)) => Err(error.details().message.clone().into()),
        }
    }

    fn drop_connection(&self, number: u64) {
        let dropped = self.connections.with_state(|connections, _| match &connections.current {
            Some(NumberedConnection(_, current)) if *current == number => {
                connections.current.take()
            }
            _ => None,
        });
        // Outside the lock, since it closes sockets.
        drop(dropped);
    }
}

/// Drops the connection of this number if the call is cancelled.
struct DropIfCancelled<'s> {
    store: &'s RedisStore,
    number: Option<u64>,
}

impl Drop for DropIfCancelled<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.store.drop_connection(number);
        }
    }
}

async fn connect(url: &Secret, tls: &StoreTls, is_cluster: bool) -> Result<Connection, RedisError> {
    if is_cluster {
        let client = tls.cluster(url)?;
        return client.get_async_connection().await.map(Connection::Cluster);
    }
    // The caller sets the time limit.
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
    tls.connect(url, config).await.map(Connection::Single)
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a redis::Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl TokenStore for RedisStore {
    fn get<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(self.run(script(GET, name).arg(MAX_VALUE).take()))
    }

    fn put_if_newer<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
        expires_at: u64,
        ttl: Duration,
    ) -> StoreFuture<'a, ()> {
        let mut command = script(PUT, name);
        command.arg(value).arg(expires_at).arg(milliseconds(ttl)).arg(MAX_VALUE);
        Box::pin(self.run(command))
    }

    fn remove<'a>(&'a self, name: &'a str, value: &'a [u8]) -> StoreFuture<'a, ()> {
        Box::pin(self.run(script(REMOVE, name).arg(value).take()))
    }

    fn try_lock<'a>(
        &'a self,
        name: &'a str,
        owner: &'a str,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        let mut command = cmd("SET");
        command.arg(name).arg(owner).arg("NX").arg("PX").arg(milliseconds(ttl));
        Box::pin(async move { Ok(self.run::<Option<String>>(command).await?.is_some()) })
    }

    fn unlock<'a>(&'a self, name: &'a str, owner: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(self.run(script(UNLOCK, name).arg(owner).take()))
    }
}

/// A script on one key, so that it runs on the cluster's node of that key.
fn script(text: &str, key: &str) -> Cmd {
    cmd("EVAL").arg(text).arg(1).arg(key).take()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error()
}

/// Only the error's kind: a server's text may repeat what was sent.
fn without_details(error: RedisError) -> StoreError {
    match error.code() {
        Some(code) => format!("{:?} {code}", error.kind()).into(),
        None => format!("{:?}", error.kind()).into(),
    }
}
