//! Faults on demand: answers that fail, come late, or never come. They are set through the control socket or in
//! process and never over HTTP (security case 331).

use serde::{Deserialize, Serialize};

/// The parts of the host a fault can be aimed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// The key set.
    Jwks,
    /// The authorize endpoint and its login form.
    Authorize,
    /// The token endpoint.
    Token,
    /// The userinfo endpoint.
    Userinfo,
    /// The revocation endpoint.
    Revocation,
    /// The end session endpoint.
    EndSession,
    /// Every Orchestrator call.
    Api,
    /// Pages, the stylesheet and the hand-off sheet.
    Pages,
}

impl Endpoint {
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/identity_/.well-known/openid-configuration" => Self::Discovery,
            "/identity_/.well-known/openid-configuration/jwks" => Self::Jwks,
            "/identity_/connect/authorize" | "/identity_/web/login" => Self::Authorize,
            "/identity_/connect/token" => Self::Token,
            "/identity_/connect/userinfo" => Self::Userinfo,
            "/identity_/connect/revocation" => Self::Revocation,
            "/identity_/connect/endsession" => Self::EndSession,
            other if other.contains("/orchestrator_/") => Self::Api,
            _ => Self::Pages,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Jwks => "jwks",
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::Userinfo => "userinfo",
            Self::Revocation => "revocation",
            Self::EndSession => "end_session",
            Self::Api => "api",
            Self::Pages => "pages",
        }
    }
}

/// When a delay happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing was done yet when the waiting starts.
    #[default]
    BeforeWork,
    /// The work is done and cannot be undone; only the answer waits.
    AfterWork,
}

#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) body: String,
    pub(crate) retry_after: Option<String>,
}

#[derive(Debug)]
enum Kind {
    Fail(Failure),
    Delay { ms: u64, when: When },
    Drop,
}

#[derive(Debug)]
struct Fault {
    endpoint: Endpoint,
    kind: Kind,
    times: u32,
}

/// What one request has to suffer.
#[derive(Debug, Default)]
pub(crate) struct Suffered {
    pub(crate) fail: Option<Failure>,
    pub(crate) delay_before_ms: u64,
    pub(crate) delay_after_ms: u64,
    pub(crate) drop: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn fail(&mut self, endpoint: Endpoint, failure: Failure, times: u32) {
        self.0.push(Fault { endpoint, kind: Kind::Fail(failure), times });
    }

    pub(crate) fn delay(&mut self, endpoint: Endpoint, ms: u64, when: When, times: u32) {
        self.0.push(Fault { endpoint, kind: Kind::Delay { ms, when }, times });
    }

    pub(crate) fn drop_reply(&mut self, endpoint: Endpoint, times: u32) {
        self.0.push(Fault { endpoint, kind: Kind::Drop, times });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes one of each kind that is waiting for `endpoint`, oldest first.
    pub(crate) fn take(&mut self, endpoint: Endpoint) -> Suffered {
        let mut suffered = Suffered::default();
        let mut delayed = false;
        for fault in self.0.iter_mut().filter(|fault| fault.endpoint == endpoint && fault.times > 0) {
            match &fault.kind {
                Kind::Fail(failure) if suffered.fail.is_none() => suffered.fail = Some(failure.clone()),
                Kind::Delay { ms, when } if !delayed => {
                    delayed = true;
                    match when {
                        When::BeforeWork => suffered.delay_before_ms = *ms,
                        When::AfterWork => suffered.delay_after_ms = *ms,
                    }
                }
                Kind::Drop if !suffered.drop => suffered.drop = true,
                Kind::Fail(_) | Kind::Delay { .. } | Kind::Drop => continue,
            }
            fault.times -= 1;
        }
        self.0.retain(|fault| fault.times > 0);
        suffered
    }
}
