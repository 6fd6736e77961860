//! `attendant token`: prints an access token and nothing else.

use crate::cli::{Format, Token};
use crate::connect::{Connector, IN_THE_WINDOW};
use crate::exit::Failure;
use crate::out;
use attendant_protocol::{Code, Op, TokenAsk, TokenResult};
use std::time::Duration;

/// The app knows the caller's deadline and answers at it; this much later it will not answer any more.
const GRACE: Duration = Duration::from_secs(10);

/// Runs the verb.
pub fn run(connector: &Connector, arguments: Token, json: bool) -> Result<(), Failure> {
    if out::is_terminal() && !arguments.show {
        return Err(Failure::Usage {
            message:
                "Standard output is a terminal, where a token would stay readable. Nothing was asked for."
                    .into(),
            advice: "Send it into a program (attendant token | …), or add --show.".into(),
        });
    }
    let format = if json { Format::Json } else { arguments.format };
    let ask = TokenAsk {
        registration: arguments.name,
        tenant: arguments.tenant,
        scopes: arguments.scopes,
        for_seconds: arguments.lasting.map(|time| time.as_secs()),
        name: None,
        reason: arguments.reason,
        wait_seconds: arguments.wait.map(|time| time.as_secs()),
    };
    let wait = arguments.wait.map(|time| time.saturating_add(GRACE));
    let result: TokenResult = connector.ask(&Op::Token(ask), wait, IN_THE_WINDOW)?;
    if format == Format::Json {
        return out::json(&result);
    }
    out::line(&formatted(result.access_token.expose(), format)?)
}

/// The line to print. A token of the web has visible ASCII characters only (RFC 6750 §2.1); anything else could end the
/// line early and smuggle in another header.
fn formatted(token: &str, format: Format) -> Result<String, Failure> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::Here {
            code: Code::TokenResponseInvalid,
            message: "The token holds characters that no header may carry. It was not printed.".into(),
            advice: "Use --format json, or tell your administrator.".into(),
        });
    }
    Ok(match format {
        Format::Raw | Format::Json => token.to_owned(),
        Format::Header => format!("Authorization: Bearer {token}"),
        Format::Curl => {
            let escaped = token.replace('\\', "\\\\").replace('"', "\\\"");
            format!("header = \"Authorization: Bearer {escaped}\"")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_one_line_its_reader_takes() {
        let table = [
            (Format::Raw, "ey.J-_~+/="),
            (Format::Header, "Authorization: Bearer ey.J-_~+/="),
            (Format::Curl, "header = \"Authorization: Bearer ey.J-_~+/=\""),
        ];
        for (format, line) in table {
            assert_eq!(formatted("ey.J-_~+/=", format).unwrap(), line);
        }
        assert_eq!(
            formatted(r#"a"b\c"#, Format::Curl).unwrap(),
            r#"header = "Authorization: Bearer a\"b\\c""#
        );
    }

    #[test]
    fn a_token_cannot_bring_a_second_header() {
        for token in ["", "a b", "a\r\nX-Evil: 1", "a\u{1b}[2J", "ä"] {
            assert!(formatted(token, Format::Header).is_err(), "{token:?}");
        }
    }
}
