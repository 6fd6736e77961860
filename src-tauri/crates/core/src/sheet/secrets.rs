//! Looks for what must never be in a sheet (invariant 10): client secrets, keys, tokens, and a robot's credentials.
//! People confuse them, because a machine's client ID looks like an App ID. Nothing found here is repeated.

use super::error::SheetError;
use super::fields::{canonical, plain_name};
use super::tree::Node;
use crate::text::clean;

/// Refuses a tree that holds a secret.
pub(super) fn in_tree(tree: &Node) -> Result<(), SheetError> {
    let mut secret: Option<String> = None;
    let (mut robot, mut client_id, mut application) = (false, false, false);
    let mut license = false;
    tree.walk("", &mut |place, name, value| {
        let plain = name.map(plain_name).unwrap_or_default();
        let filled = is_filled(value);
        license |= filled && plain == "licensekey";
        robot |= is_robot_name(&plain);
        client_id |= plain == "clientid";
        application |= matches!(
            plain.as_str(),
            "appid" | "applicationid" | "type" | "apptype" | "applicationtype" | "schema"
        );
        let by_name = name.is_some_and(is_secret_name) && filled;
        let ours = name.map(canonical);
        let by_value = match value {
            // Other providers' client ids are as random as secrets; only the marks of a generated password tell.
            Node::Text(text) if ours == Some(Some("app_id")) => is_token(text) || has_marks(text),
            Node::Text(text) => is_token(text) || (ours == Some(None) && is_random(text)),
            Node::List(_) | Node::Table(_) | Node::Other(_) => false,
        };
        if by_name || by_value {
            secret.get_or_insert_with(|| clean(place, 60));
        }
    });
    if license || (client_id && robot) || (secret.is_some() && (robot || (client_id && !application))) {
        return Err(SheetError::RobotCredentials);
    }
    secret.map_or(Ok(()), |place| Err(SheetError::SecretFound(place)))
}

/// Refuses a text that mentions a secret's value anywhere, in a comment or beside the sheet too.
pub(super) fn in_text(text: &str) -> Result<(), SheetError> {
    for (index, line) in text.lines().enumerate() {
        let found = || Err(SheetError::SecretFound(format!("line {}", index + 1)));
        if line.contains("-----BEGIN") && line.contains("PRIVATE KEY") {
            return found();
        }
        if line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '<' | '>')).any(is_token)
        {
            return found();
        }
        let lower = line.to_ascii_lowercase();
        for word in ["secret", "password", "passwd", "passwort", "private_key", "private key"] {
            for (at, _) in lower.match_indices(word) {
                if value_follows(lower.get(at + word.len()..).unwrap_or_default()) {
                    return found();
                }
            }
        }
    }
    Ok(())
}

/// Whether `rest`, what stands behind the word "secret", gives a value: `: abc`, `" = "abc"`, ` is abc123`.
fn value_follows(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['"', '\'', '*', '`', ' ', '\t', '_']);
    let rest =
        rest.strip_prefix("value").unwrap_or(rest).trim_start_matches(['"', '\'', '*', '`', ' ', '\t']);
    let Some(value) = rest.strip_prefix([':', '=']) else { return false };
    let value = value.trim_start_matches(['"', '\'', '*', '`', ' ', '\t', '=', '>']);
    let word: String =
        value.chars().take_while(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | ',' | '}')).collect();
    !is_nothing(&word)
}

/// Whether a field of this name is looked at here, though no sheet has it.
pub(super) fn is_telling_name(name: &str) -> bool {
    let plain = plain_name(name);
    is_secret_name(name) || is_robot_name(&plain) || plain == "licensekey"
}

fn is_robot_name(plain: &str) -> bool {
    let names = [
        "machine",
        "machinename",
        "machinekey",
        "machinetemplate",
        "robot",
        "robotkey",
        "robotname",
        "secretid",
    ];
    names.contains(&plain)
}

/// Whether a field of this name holds a secret.
fn is_secret_name(name: &str) -> bool {
    let name = plain_name(name);
    let exact = ["token", "pat", "pwd", "key", "credential", "credentials", "clientassertion", "jwk"];
    let parts = [
        "secret",
        "password",
        "passwd",
        "passwort",
        "privatekey",
        "apikey",
        "accesstoken",
        "refreshtoken",
        "idtoken",
    ];
    name != "secretid" && (exact.contains(&name.as_str()) || parts.iter().any(|part| name.contains(part)))
}

fn is_filled(value: &Node) -> bool {
    match value {
        Node::Text(text) => !is_nothing(text),
        Node::List(items) => items.iter().any(is_filled),
        Node::Table(fields) => !fields.is_empty(),
        Node::Other(kind) => *kind == "a number",
    }
}

/// Ways to say that there is none.
fn is_nothing(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    word.is_empty()
        || ["none", "no", "not", "n/a", "na", "never", "null", "false", "without", "keins"]
            .contains(&word.as_str())
}

/// A private key, a JSON Web Token, or a UiPath token, whatever it is called.
fn is_token(text: &str) -> bool {
    let text = text.trim();
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let jwt = text.starts_with("eyJ") && text.matches('.').count() >= 2 && text.len() > 40;
    let uipath = text.strip_prefix("rt_").is_some_and(|rest| rest.len() >= 20 && rest.bytes().all(base64));
    jwt || uipath || (text.contains("-----BEGIN") && text.contains("PRIVATE KEY"))
}

/// Long, without spaces, and of more kinds of characters than names and addresses are.
fn is_random(text: &str) -> bool {
    let text = text.trim();
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    let one_word = text.len() >= 20 && !text.contains("://") && !text.contains(char::is_whitespace);
    one_word && (mixed || has_marks(text))
}

/// Marks that stand in generated passwords, and in no id or name.
fn has_marks(text: &str) -> bool {
    let text = text.trim();
    let has = |test: fn(u8) -> bool| text.bytes().any(test);
    let one_word = text.len() >= 20 && !text.contains(char::is_whitespace);
    one_word && has(|b| b.is_ascii_digit()) && has(|b| b"~!@#$%^&*()+=?/|".contains(&b))
}
