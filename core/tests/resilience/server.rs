//! A server that does as it is told, byte by byte, over TCP or TLS.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Sends this status line with headers, and a body of the right length.
    Answer(String, Vec<u8>),
    /// Reads the request and resets the connection.
    Reset,
    /// Resets the connection in the middle of the body.
    ResetInBody,
    /// Never answers.
    Hold,
    /// Sends one byte of the headers a second.
    SlowHeaders,
    /// Sends one byte of the body a second.
    SlowBody,
    /// Sends this much body in chunks, without telling its length beforehand.
    Chunks(usize),
    /// Waits for the release, and then does this.
    When(Release, Box<Self>),
}

/// Lets held answers go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Release(Arc<(Mutex<bool>, Condvar)>);

impl Release {
    pub(crate) fn now(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn wait(&self) {
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |released| !*released).unwrap());
    }
}

impl Act {
    /// An answer with this status and JSON body.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::with(status, "content-type: application/json", body)
    }

    /// An answer with this status, headers and body.
    pub(crate) fn with(status: u16, headers: &str, body: &str) -> Self {
        Self::Answer(format!("{status} Status\r\n{headers}"), body.into())
    }

    fn perform(&self, stream: &mut dyn Stream) -> io::Result<()> {
        match self {
            Self::Answer(head, body) => {
                let length = body.len();
                let head = head.trim_end();
                let head = format!(
                    "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes())?;
                stream.write_all(body)
            }
            Self::Reset => stream.reset(),
            Self::ResetInBody => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"client")?;
                stream.flush()?;
                stream.reset()
            }
            Self::Hold => until_closed(stream),
            Self::When(release, act) => {
                release.wait();
                act.perform(stream)
            }
            Self::SlowHeaders => drip(stream, b"HTTP/1.1 200 OK\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaa"),
            Self::SlowBody => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")?;
                drip(stream, &[b' '; 1000])
            }
            Self::Chunks(total) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
                let chunk = [b' '; 4096];
                for _ in 0..total / chunk.len() {
                    stream.write_all(b"1000\r\n")?;
                    stream.write_all(&chunk)?;
                    stream.write_all(b"\r\n")?;
                }
                stream.write_all(b"0\r\n\r\n")
            }
        }
    }
}

/// Sends one byte a second until the other side gives up.
fn drip(stream: &mut dyn Stream, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte])?;
        stream.flush()?;
        // The pause is the fault that is tested; nothing waits for it.
        thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}

fn until_closed(stream: &mut dyn Stream) -> io::Result<()> {
    while stream.read(&mut [0; 64])? > 0 {}
    Ok(())
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// How many came before it.
    pub(crate) number: usize,
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    /// Whether it is for this method and a path that contains `path`.
    pub(crate) fn is(&self, method: &str, path: &str) -> bool {
        let line = self.head.lines().next().unwrap_or_default();
        line.starts_with(method) && line.contains(path)
    }
}

trait Stream: Read + Write {
    fn reset(&mut self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn reset(&mut self) -> io::Result<()> {
        SockRef::from(&*self).set_linger(Some(Duration::ZERO))?;
        Err(ErrorKind::ConnectionReset.into())
    }
}

impl Stream for StreamOwned<ServerConnection, TcpStream> {
    fn reset(&mut self) -> io::Result<()> {
        self.sock.reset()
    }
}

type Script = dyn Fn(&Seen) -> Act + Send + Sync;

/// A server on a free port of 127.0.0.1, with one thread a connection.
pub(crate) struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    from_now_on: Arc<Mutex<Option<Act>>>,
    once: Arc<Mutex<Option<Act>>>,
    script: Arc<Mutex<Option<Act>>>,
}

impl Server {
    /// Does as `script` says for each request.
    pub(crate) fn start(script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        Self::listen("http://127.0.0.1", None, script)
    }

    /// The same over TLS, as `https://host`.
    pub(crate) fn start_tls(
        host: &str,
        tls: ServerConfig,
        script: impl Fn(&Seen) -> Act + Send + Sync + 'static,
    ) -> Self {
        Self::listen(&format!("https://{host}"), Some(Arc::new(tls)), script)
    }

    /// Does the same with every request.
    pub(crate) fn always(act: Act) -> Self {
        Self::start(move |_| act.clone())
    }

    /// One act a request, the last of them for ever.
    pub(crate) fn script(acts: Vec<Act>) -> Self {
        Self::start(move |seen| acts[seen.number.min(acts.len() - 1)].clone())
    }

    fn listen(
        scheme_and_host: &str,
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(&Seen) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme_and_host}:{}", listener.local_addr().unwrap().port());
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let from_now_on = Arc::<Mutex<Option<Act>>>::default();
        let once = Arc::<Mutex<Option<Act>>>::default();
        let new_script = Arc::<Mutex<Option<Act>>>::default();
        let (log, changed, next) = (Arc::clone(&seen), Arc::clone(&from_now_on), Arc::clone(&once));
        let rewritten = Arc::clone(&new_script);
        let script = move |seen: &Seen| {
            let next = next.lock().unwrap().take();
            let changed = next.or_else(|| changed.lock().unwrap().clone());
            let changed = changed.or_else(|| rewritten.lock().unwrap().clone());
            changed.unwrap_or_else(|| script(seen))
        };
        let script: Arc<Script> = Arc::new(script);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, log, script) = (tls.clone(), Arc::clone(&log), Arc::clone(&script));
                // A connection that breaks is what these tests are about.
                thread::spawn(move || drop(serve(stream, tls, &log, &*script)));
            }
        });
        Self { url, seen, from_now_on, once, script: new_script }
    }

    /// Forgets the script, and does the same with every request.
    pub(crate) fn does(&self, act: Act) {
        *self.from_now_on.lock().unwrap() = Some(act);
    }

    /// Follows this instead of its script from now on.
    pub(crate) fn follows(&self, act: Act) {
        *self.script.lock().unwrap() = Some(act);
    }

    /// Does this with the next request alone.
    pub(crate) fn does_once(&self, act: Act) {
        *self.once.lock().unwrap() = Some(act);
    }

    /// Follows the script again.
    pub(crate) fn recovers(&self) {
        *self.from_now_on.lock().unwrap() = None;
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    log: &Mutex<Vec<Seen>>,
    script: &Script,
) -> io::Result<()> {
    let mut stream: Box<dyn Stream> = match tls {
        None => Box::new(stream),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            Box::new(StreamOwned::new(connection, stream))
        }
    };
    let (head, body) = read_request(&mut *stream)?;
    let seen = {
        let mut log = log.lock().unwrap();
        let seen = Seen { number: log.len(), head, body };
        log.push(seen.clone());
        seen
    };
    script(&seen).perform(&mut *stream)?;
    stream.flush()
}

fn read_request(stream: &mut dyn Stream) -> io::Result<(String, String)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok((head.to_owned(), body.to_owned()));
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            n => bytes.extend_from_slice(&buffer[..n]),
        }
    }
}

/// An address of 127.0.0.1 that refuses connections.
pub(crate) fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A listener that answers the first bytes of each connection with `answer`, and then is silent.
pub(crate) fn raw(scheme: &str, answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("{scheme}://localhost:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                if stream.read(&mut [0; 4096])? > 0 {
                    stream.write_all(answer)?;
                }
                until_closed(&mut stream)
            });
        }
    });
    url
}
