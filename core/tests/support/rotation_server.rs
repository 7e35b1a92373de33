//! A server that rotates secrets as Stytch does, and that can fail in every way between the fact
//! and its answer. It knows what is true, whatever it answers.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

pub const PROJECT: &str = "project-test-11111111-1111-1111-1111-111111111111";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Start,
    Commit,
    Cancel,
    Look,
    Token,
}

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Nothing,
    /// This status, and nothing was done; with a page of HTML instead of the API's error.
    Before(u16, bool),
    /// This status, although it was done.
    After(u16, bool),
    /// This status; it is done once the next request was answered.
    Deferred(u16),
    /// Done, and the connection is closed without an answer.
    AnswerLost,
    /// The connection is closed, and nothing was done.
    Reset,
    /// Done, and half of the answer is sent.
    HalfAnswer,
    /// 200 with a page of HTML, and nothing was done.
    Page,
    /// What is read is as it was so many changes ago.
    Lag(usize),
    /// The caller dies before or after it is done.
    Kill {
        done: bool,
    },
    /// Somebody else replaces the rotation before this.
    Replaced,
}

/// The secrets that work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub current: String,
    pub next: Option<String>,
}

impl State {
    pub fn accepts(&self, secret: &str) -> bool {
        self.current == secret || self.next.as_deref() == Some(secret)
    }
}

/// One M2M client, and what its test does about it.
pub struct Client {
    pub history: Vec<State>,
    made: u32,
    requests: usize,
    /// What was asked for and how it went, for a failure's message.
    pub log: Vec<(Step, Fault)>,
    /// Changes after which the owner holds no secret that works.
    pub violations: Vec<String>,
    deferred: Vec<Step>,
    plan: Box<dyn FnMut(Step, usize) -> Fault + Send>,
    hooks: Arc<dyn Hooks>,
}

/// What a test does about a client.
pub trait Hooks: Send + Sync {
    /// Whether this may become the truth: whether the owner holds a secret that works then.
    fn is_safe(&self, now: &State) -> bool;
    /// Ends the caller.
    fn kill(&self) {}
    /// Somebody else has started a rotation, and holds its secret.
    fn other_holds(&self, _secret: &str) {}
}

type Clients = Arc<Mutex<HashMap<String, Arc<Mutex<Client>>>>>;

#[derive(Clone)]
pub struct Server {
    pub url: String,
    clients: Clients,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let clients = Clients::default();
        let served = Arc::clone(&clients);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let clients = Arc::clone(&served);
                std::thread::spawn(move || serve(&stream, &clients));
            }
        });
        Self { url, clients }
    }

    pub fn add(
        &self,
        id: &str,
        secret: &str,
        plan: impl FnMut(Step, usize) -> Fault + Send + 'static,
        hooks: Arc<dyn Hooks>,
    ) {
        let history = vec![State { current: secret.to_owned(), next: None }];
        let (log, deferred, violations) = (Vec::new(), Vec::new(), Vec::new());
        let plan = Box::new(plan);
        let client =
            Client { history, made: 0, requests: 0, log, violations, deferred, plan, hooks };
        lock(&self.clients).insert(id.to_owned(), Arc::new(Mutex::new(client)));
    }

    pub fn remove(&self, id: &str) {
        lock(&self.clients).remove(id);
    }

    pub fn state(&self, id: &str) -> State {
        self.with(id, |client| client.history.last().unwrap().clone())
    }

    pub fn with<T>(&self, id: &str, look: impl FnOnce(&Client) -> T) -> T {
        let client = Arc::clone(lock(&self.clients).get(id).unwrap());
        let client = lock(&client);
        look(&client)
    }
}

enum Reply {
    Json(u16, Value),
    Page(u16),
    Half(Value),
    None,
}

fn serve(stream: &TcpStream, clients: &Clients) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    while let Some((path, body)) = read(&mut reader) {
        let reply = answer(&path, &body, clients);
        let (status, body) = match reply {
            Reply::Json(status, value) => (status, value.to_string()),
            Reply::Page(status) => (status, "<html>gateway</html>".to_owned()),
            Reply::Half(value) => {
                let text = value.to_string();
                (200, text.get(..text.len() / 2).unwrap_or_default().to_owned())
            }
            Reply::None => return,
        };
        let retry = if status == 429 { "Retry-After: 0\r\n" } else { "" };
        let length = body.len();
        let text = format!(
            "HTTP/1.1 {status} x\r\nContent-Type: text/plain\r\n{retry}Content-Length: {length}\r\n\r\n{body}"
        );
        if (&*stream).write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request's path and body.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<(String, String)> {
    let (mut path, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if path.is_empty() {
            path = line.split(' ').nth(1)?.to_owned();
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, String::from_utf8(body).ok()?))
}

fn answer(path: &str, body: &str, clients: &Clients) -> Reply {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let field = |name: &str| {
        let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    let (step, id) = match parts.as_slice() {
        ["v1", "public", _, "oauth2", "token"] => {
            (Step::Token, field("client_id").unwrap_or_default())
        }
        ["v1", "m2m", "clients", id] => (Step::Look, (*id).to_owned()),
        ["v1", "m2m", "clients", id, "secrets", "rotate"] => (Step::Commit, (*id).to_owned()),
        ["v1", "m2m", "clients", id, "secrets", "rotate", "start"] => {
            (Step::Start, (*id).to_owned())
        }
        ["v1", "m2m", "clients", id, "secrets", "rotate", "cancel"] => {
            (Step::Cancel, (*id).to_owned())
        }
        _ => return refused(404, "route_not_found"),
    };
    let Some(client) = lock(clients).get(&id).cloned() else {
        return refused(404, "m2m_client_not_found");
    };
    let secret = field("client_secret").unwrap_or_default();
    lock(&client).answer(&id, step, &secret)
}

fn refused(status: u16, error_type: &str) -> Reply {
    Reply::Json(
        status,
        json!({ "status_code": status, "request_id": "r", "error_type": error_type }),
    )
}

impl Client {
    fn answer(&mut self, id: &str, step: Step, secret: &str) -> Reply {
        let fault = (self.plan)(step, self.requests);
        self.requests += 1;
        self.log.push((step, fault));
        let deferred = std::mem::take(&mut self.deferred);
        let reply = self.meet(fault, id, step, secret);
        for late in deferred {
            self.perform(id, late, "", 0);
        }
        reply
    }

    fn meet(&mut self, fault: Fault, id: &str, step: Step, secret: &str) -> Reply {
        let failure = |status, page| match page {
            true => Reply::Page(status),
            false => refused(status, "internal_server_error"),
        };
        match fault {
            Fault::Nothing => self.perform(id, step, secret, 0),
            Fault::Before(429, _) => refused(429, "too_many_requests"),
            Fault::Before(401, _) if step == Step::Token => {
                Reply::Json(401, json!({ "error": "invalid_client" }))
            }
            Fault::Before(401, _) => refused(401, "unauthorized_credentials"),
            Fault::Before(status, page) => failure(status, page),
            Fault::After(status, page) => {
                self.perform(id, step, secret, 0);
                failure(status, page)
            }
            // A cancel that comes as late as that could meet the next rotation.
            Fault::Deferred(status) if step == Step::Cancel => {
                self.perform(id, step, secret, 0);
                failure(status, true)
            }
            Fault::Deferred(status) => {
                self.deferred.push(step);
                failure(status, true)
            }
            Fault::AnswerLost => {
                self.perform(id, step, secret, 0);
                Reply::None
            }
            Fault::Reset => Reply::None,
            Fault::HalfAnswer => match self.perform(id, step, secret, 0) {
                Reply::Json(200, value) => Reply::Half(value),
                other => other,
            },
            Fault::Page => Reply::Page(200),
            Fault::Lag(changes) => self.perform(id, step, secret, changes),
            Fault::Kill { done } => {
                if done {
                    self.perform(id, step, secret, 0);
                }
                self.hooks.kill();
                Reply::None
            }
            Fault::Replaced => {
                if self.now().next.is_some() {
                    let secret = self.make(id);
                    self.hooks.other_holds(&secret);
                    let current = self.now().current.clone();
                    self.change(State { current, next: Some(secret) });
                }
                self.perform(id, step, secret, 0)
            }
        }
    }

    fn now(&self) -> &State {
        self.history.last().unwrap()
    }

    fn make(&mut self, id: &str) -> String {
        self.made += 1;
        format!("made-for-{id}-{:04}", self.made)
    }

    fn change(&mut self, state: State) {
        if !self.hooks.is_safe(&state) {
            // A panic would be no more than a lost connection to the caller.
            self.violations.push(format!("{state:?} after {:?}", self.log));
        }
        self.history.push(state);
    }

    /// Does it, and answers; what is read is as it was `lag` changes ago.
    fn perform(&mut self, id: &str, step: Step, secret: &str, lag: usize) -> Reply {
        let now = self.now().clone();
        let behind = self.history.len().saturating_sub(1 + lag);
        let seen = self.history.get(behind).cloned().unwrap_or_else(|| now.clone());
        match (step, now.next) {
            (Step::Token, _) if seen.accepts(secret) => Reply::Json(
                200,
                json!({ "access_token": "token", "token_type": "bearer", "expires_in": 3600 }),
            ),
            (Step::Token, _) => Reply::Json(401, json!({ "error": "invalid_client" })),
            (Step::Look, _) => shown(id, &seen, None),
            (Step::Start, Some(_)) => refused(400, "m2m_client_already_rotating_secret"),
            (Step::Start, None) => {
                let next = self.make(id);
                self.change(State { current: now.current, next: Some(next.clone()) });
                shown(id, &self.now().clone(), Some(&next))
            }
            (Step::Commit | Step::Cancel, None) => refused(400, "m2m_client_not_rotating_secret"),
            (Step::Commit, Some(next)) => {
                self.change(State { current: next, next: None });
                shown(id, &self.now().clone(), None)
            }
            (Step::Cancel, Some(_)) => {
                self.change(State { current: now.current, next: None });
                shown(id, &self.now().clone(), None)
            }
        }
    }
}

fn shown(id: &str, state: &State, next: Option<&str>) -> Reply {
    let four = |secret: &str| secret.get(secret.len() - 4..).unwrap_or_default().to_owned();
    let mut client = json!({
        "client_id": id,
        "status": "active",
        "scopes": [],
        "client_secret_last_four": four(&state.current),
        "next_client_secret_last_four": state.next.as_deref().map(four),
    });
    if let (Some(next), Some(client)) = (next, client.as_object_mut()) {
        client.insert("next_client_secret".into(), next.into());
    }
    Reply::Json(200, json!({ "m2m_client": client, "request_id": "r", "status_code": 200 }))
}
