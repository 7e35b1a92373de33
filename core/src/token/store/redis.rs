//! Redis and Valkey.

use std::fmt;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Cmd, ConnectionAddr, FromRedisValue, IntoConnectionInfo as _,
    RedisError, cmd,
};

use super::trust::Trust;
use super::{StoreError, StoreFuture, TokenStore};
use crate::config::TransportConfig;
use crate::error::{Error, Result};
use crate::fork::ForkLock;
use crate::secret::Secret;

/// A value is a hash, so that its age can be compared where it lies.
const PUT: &str = "
local there = redis.call('HGET', KEYS[1], 'expires_at')
if there and tonumber(there) >= tonumber(ARGV[2]) then return 0 end
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
    trust: Trust,
    /// Made on first use, and anew when it broke.
    connection: ForkLock<Option<MultiplexedConnection>>,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

impl RedisStore {
    /// A store at `url`, as in `rediss://user:password@host:6379/0`. No I/O.
    pub(super) fn new(url: &Secret, transport: &TransportConfig) -> Result<Self> {
        let wrong = |what: &str| Error::invalid_config("token_store_url", what);
        let info = url.expose().into_connection_info().map_err(|_| {
            wrong("token_store_url must be a URL of Redis or Valkey, as in rediss://host:6379")
        })?;
        if let ConnectionAddr::TcpTls { insecure: true, .. } = info.addr() {
            return Err(wrong("token_store_url must not switch the check of certificates off"));
        }
        let trust = Trust::of(transport);
        Ok(Self { url: url.clone(), trust, connection: ForkLock::default() })
    }

    async fn run<T: FromRedisValue>(&self, command: Cmd) -> Result<T, StoreError> {
        if let Some(mut connection) = self.connection.with(|slot| slot.clone()) {
            match command.query_async(&mut connection).await {
                Err(error) if is_broken(&error) => {}
                outcome => return outcome.map_err(told),
            }
        }
        // The server was started anew, or the runtime that the connection ran on is gone.
        let mut connection = self.connect().await.map_err(told)?;
        command.query_async(&mut connection).await.map_err(told)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        // The caller has the time in hand.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let client = self.trust.client(&self.url)?;
        let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        self.connection.with(|slot| *slot = Some(connection.clone()));
        Ok(connection)
    }
}

impl TokenStore for RedisStore {
    fn get<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(self.run(cmd("HGET").arg(name).arg("value").take()))
    }

    fn put_if_newer<'a>(
        &'a self,
        name: &'a str,
        value: &'a [u8],
        expires_at: u64,
        ttl: Duration,
    ) -> StoreFuture<'a, ()> {
        let mut command = script(PUT, name);
        command.arg(value).arg(expires_at).arg(milliseconds(ttl));
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

/// A script on one key, so that it runs on any node of a cluster that holds it.
fn script(text: &str, key: &str) -> Cmd {
    cmd("EVAL").arg(text).arg(1).arg(key).take()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error()
}

/// The kind alone: a server's words may repeat what was sent to it.
fn told(error: RedisError) -> StoreError {
    match error.code() {
        Some(code) => format!("{:?} {code}", error.kind()).into(),
        None => format!("{:?}", error.kind()).into(),
    }
}
