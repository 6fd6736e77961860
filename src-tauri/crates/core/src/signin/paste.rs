//! Reads an address the person pasted: the answer, when the browser is on another computer, or an error page, which
//! the app can never see by itself because such a page does not lead back.
//!
//! UiPath shows two shapes: `…/web/?errorCode=…&errorId=…` (newer: `…/ui/error/error?errorId=…`), whose `errorId` is
//! JSON in base64, and `…/web/login?errorCode=219&returnUrl=…`, whose `returnUrl` holds the request.

use crate::error::Problem;
use crate::registration::Registration;
use crate::signin::cleaned;
use crate::text::clean;
use attendant_protocol::Code;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use url::Url;

/// Error pages carry whole requests.
pub(crate) const PASTE_CAP: usize = 64 * 1024;

/// What an error page says; every text is cleaned and cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorPage {
    /// The page's number, such as 219.
    pub number: Option<String>,
    /// The error word, such as `invalid_scope`.
    pub error: Option<String>,
    /// What it says about it.
    pub description: Option<String>,
    /// The App ID it was about.
    pub client_id: Option<String>,
    /// The redirect URL it was about.
    pub redirect_uri: Option<String>,
    /// The scopes it was about.
    pub scope: Option<String>,
}

#[derive(Deserialize)]
struct ErrorId {
    #[serde(rename = "Data")]
    data: ErrorData,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorData {
    error: Option<String>,
    error_description: Option<String>,
    client_id: Option<String>,
    redirect_uri: Option<String>,
}

/// Decodes an error page of the registration's own server; none if the address is not one.
pub fn error_page(url: &Url, registration: &Registration) -> Option<ErrorPage> {
    if !registration.realm().contains(url) {
        return None;
    }
    let parameter =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let (number, id, back) = (parameter("errorCode"), parameter("errorId"), parameter("returnUrl"));
    let (error, description) = (parameter("error"), parameter("error_description"));
    if number.is_none() && id.is_none() && error.is_none() {
        return None;
    }
    let mut page = ErrorPage {
        number: cleaned(number.as_deref(), 20),
        error: cleaned(error.as_deref(), 60),
        description: cleaned(description.as_deref(), 200),
        ..ErrorPage::default()
    };
    if let Some(data) = id.as_deref().and_then(decode) {
        page.error = cleaned(data.error.as_deref(), 60).or(page.error);
        page.description = cleaned(data.error_description.as_deref(), 200).or(page.description);
        page.client_id = cleaned(data.client_id.as_deref(), 80);
        page.redirect_uri = cleaned(data.redirect_uri.as_deref(), 200);
    }
    if let Some(request) = back.and_then(|back| url.join(&back).ok()) {
        for (name, value) in request.query_pairs() {
            let place = match &*name {
                "client_id" => &mut page.client_id,
                "redirect_uri" => &mut page.redirect_uri,
                "scope" => &mut page.scope,
                _ => continue,
            };
            *place = cleaned(Some(&value), 400);
        }
    }
    Some(page)
}

/// Base64 or base64url, padding or none; `+` may have become a space on its way.
fn decode(id: &str) -> Option<ErrorData> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let id: String = id
        .trim()
        .chars()
        .map(|letter| match letter {
            ' ' | '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    let bytes = GeneralPurpose::new(&alphabet::STANDARD, config).decode(id).ok()?;
    // A redirect URL in it may be garbage; the rest is still worth reading.
    let text = String::from_utf8_lossy(&bytes);
    serde_json::from_str::<ErrorId>(&text).ok().map(|id| id.data)
}

impl ErrorPage {
    /// What it means, and whom to ask.
    pub fn problem(&self, registration: &Registration) -> Problem {
        let organization = registration.organization.as_deref().unwrap_or("this organization");
        if self.number.as_deref() == Some("219") {
            return Problem::new(
                Code::ErrorPage,
                format!("The server says you are not invited to {organization}, or the browser is signed in to another one."),
            )
            .with_advice(format!(
                "Sign out in the browser or use a private window, then open it again. Or ask your administrator to add you to {organization}."
            ));
        }
        let word = self.error.as_deref().unwrap_or_default();
        let text = self.description.as_deref().unwrap_or_default();
        let about = text.to_lowercase();
        if about.contains("redirect") {
            let used = self.redirect_uri.as_deref().map(|url| format!(" ({url})")).unwrap_or_default();
            return Problem::new(
                Code::ErrorPage,
                format!("The server does not know the return address{used}."),
            )
            .with_advice(format!(
                "Ask your administrator to register these redirect URLs exactly: {}.",
                registration.redirect_urls.join(", ")
            ));
        }
        match word {
            "invalid_scope" => {
                Problem::new(Code::InvalidScope, "The server refused the scopes of this registration.")
            }
            "unauthorized_client" if about.contains("grant type") => Problem::new(
                Code::WrongAppType,
                "The App ID belongs to an application that people cannot sign in with.",
            ),
            "unauthorized_client" | "invalid_client" => {
                Problem::new(Code::UnknownClient, "The server does not know this App ID here.")
            }
            "invalid_request" if about.contains("client_id") => {
                Problem::new(Code::UnknownClient, "The server does not know this App ID here.")
            }
            _ => {
                let said: Vec<&str> =
                    [self.number.as_deref(), self.error.as_deref(), self.description.as_deref()]
                        .into_iter()
                        .flatten()
                        .collect();
                let said =
                    if said.is_empty() { "no reason that can be read".to_owned() } else { said.join(", ") };
                Problem::new(Code::ErrorPage, format!("The server's page shows an error: {said}."))
            }
        }
    }
}

/// Says that a pasted text is no answer.
pub(crate) fn not_an_answer(why: &str) -> Problem {
    Problem::new(
        Code::NotAnAnswer,
        format!("This is not an answer to the sign-in that waits: {}", clean(why, 200)),
    )
}
