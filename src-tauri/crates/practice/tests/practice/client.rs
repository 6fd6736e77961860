//! A tenant on a free port and the smallest client that can talk to it: no redirects, no cookie jar, nothing repeated.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use attendant_practice::{Answer, Clock, Command, Options, State, Stats, run};
use serde_json::Value;

pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The challenge of [`VERIFIER`], from RFC 7636 appendix B.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const REDIRECT: &str = "http://localhost:8421/callback";
pub const SCOPES: &str = "openid profile email offline_access OR.Folders.Read OR.Queues.Read OR.Queues.Write OR.Execution.Read OR.Jobs";
/// Where the tests' clock stands at the start.
pub const START: i64 = 1_800_000_000;

/// Nothing on loopback takes this long.
const DEADLINE: Duration = Duration::from_secs(10);

pub struct Tenant {
    pub state: State,
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<std::io::Result<()>>>,
}

impl Tenant {
    pub fn start() -> Self {
        Self::with(Options::default())
    }

    /// Options with a clock that only moves when told to.
    pub fn with(options: Options) -> Self {
        let state = State::new(Options { clock: Clock::fixed(START), ..options });
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        state.listens_on(address);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let served = state.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                run(listener, served, async { drop(stopped.await) }).await
            })
        });
        Self { state, address, stop: Some(stop), thread: Some(thread) }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends a request and reads until the connection ends. `None` when it ended without an answer.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Reply> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut raw = Vec::new();
        match stream.read_to_end(&mut raw) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("no answer in time: {error}"),
        }
        (!raw.is_empty()).then(|| Reply::parse(&String::from_utf8(raw).unwrap()))
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers, "").expect("an answer")
    }

    pub fn post_form(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
        self.try_post_form(path, fields, headers).expect("an answer")
    }

    pub fn try_post_form(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Option<Reply> {
        let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.send("POST", path, &all, &encode(fields))
    }

    pub fn authorize_path(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut fields = BTreeMap::from([
            ("response_type", "code"),
            ("client_id", self.state.app_id()),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPES),
            ("state", "state-1"),
            ("nonce", "nonce-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        for (name, value) in changes {
            match value {
                Some(value) => drop(fields.insert(name, value)),
                None => drop(fields.remove(name)),
            }
        }
        let fields: Vec<(&str, &str)> = fields.into_iter().collect();
        format!("/identity_/connect/authorize?{}", encode(&fields))
    }

    /// Fills in the login form as `user` and returns the answer to it.
    pub fn log_in(&self, user: &str, changes: &[(&str, Option<&str>)]) -> Reply {
        let page = self.get(&self.authorize_path(changes), &[]);
        assert_eq!(page.status, 200, "{}", page.body);
        let fields =
            [("ticket", page.ticket()), ("user", user.to_owned()), ("answer", "continue".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.post_form("/identity_/web/login", &fields, &[("Origin", &self.base())])
    }

    pub fn code(&self, user: &str, changes: &[(&str, Option<&str>)]) -> String {
        self.log_in(user, changes).answer("code").expect("a code")
    }

    pub fn exchange(&self, code: &str, changes: &[(&str, Option<&str>)]) -> Reply {
        let mut fields = BTreeMap::from([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("client_id", self.state.app_id()),
            ("code_verifier", VERIFIER),
        ]);
        for (name, value) in changes {
            match value {
                Some(value) => drop(fields.insert(name, value)),
                None => drop(fields.remove(name)),
            }
        }
        let fields: Vec<(&str, &str)> = fields.into_iter().collect();
        self.post_form("/identity_/connect/token", &fields, &[])
    }

    pub fn sign_in(&self, user: &str) -> Tokens {
        self.sign_in_for(user, SCOPES)
    }

    pub fn sign_in_for(&self, user: &str, scopes: &str) -> Tokens {
        let code = self.code(user, &[("scope", Some(scopes))]);
        Tokens::of(&self.exchange(&code, &[]))
    }

    pub fn refresh(&self, token: &str) -> Reply {
        self.refresh_with(token, &[])
    }

    pub fn refresh_with(&self, token: &str, more: &[(&str, &str)]) -> Reply {
        let mut fields = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", self.state.app_id()),
        ];
        fields.extend(more);
        self.post_form("/identity_/connect/token", &fields, &[])
    }

    /// A call to tenant `Default`.
    pub fn api(&self, method: &str, path: &str, token: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let bearer = format!("Bearer {token}");
        let mut all = vec![("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        all.extend(headers);
        let path = format!("/practice/Default/orchestrator_{path}");
        self.send(method, &path, &all, body).expect("an answer")
    }

    pub fn folders(&self, token: &str) -> Reply {
        self.api("GET", "/api/Folders/GetAllForCurrentUser", token, &[], "")
    }

    pub fn advance(&self, seconds: i64) {
        self.control(Command::AdvanceClock { seconds });
    }

    /// Turns a knob that must not be refused.
    pub fn control(&self, command: Command) {
        assert_eq!(self.state.control(command), Answer::Done { ok: true });
    }

    pub fn stats(&self) -> Stats {
        let answer = self.state.control(Command::Stats {});
        let Answer::Stats { stats } = answer else { panic!("not stats: {answer:?}") };
        stats
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    fn parse(raw: &str) -> Self {
        let (head, body) = raw.split_once("\r\n\r\n").expect("a header");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|s| s.parse().ok());
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self { status: status.expect("a status"), headers, body: body.to_owned() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// `error` of a bare JSON error, which must be all there is.
    pub fn bare_error(&self) -> String {
        assert_eq!(self.status, 400, "{self:?}");
        assert_eq!(self.header("cache-control"), "no-store");
        let body = self.json();
        assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
        body["error"].as_str().unwrap().to_owned()
    }

    /// One parameter of the redirect to the client.
    pub fn answer(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(self.header("location")).ok()?;
        assert_eq!(url.host_str(), Some("localhost"), "not sent to the client: {url}");
        url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned())
    }

    /// `Data` of an error that stayed on a page of the server.
    pub fn page_error(&self, base: &str) -> Value {
        use base64::Engine;
        assert_eq!(self.status, 302, "{self:?}");
        let url = url::Url::parse(self.header("location")).unwrap();
        assert!(url.as_str().starts_with(&format!("{base}/identity_/web/?errorCode=")), "{url}");
        let id = url.query_pairs().find(|(name, _)| name == "errorId").unwrap().1.into_owned();
        let bytes = base64::engine::general_purpose::STANDARD.decode(id).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()["Data"].clone()
    }

    pub fn ticket(&self) -> String {
        self.between("name=\"ticket\" value=\"", "\"")
    }

    pub fn between(&self, before: &str, after: &str) -> String {
        let (_, rest) =
            self.body.split_once(before).unwrap_or_else(|| panic!("no {before} in {}", self.body));
        rest.split(after).next().unwrap().to_owned()
    }

    /// `name=value` of the cookie that was set.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

#[derive(Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
    pub id: String,
}

impl Tokens {
    pub fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, 200, "{}", reply.body);
        let body = reply.json();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), id: text("id_token") }
    }
}

pub fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
