//! From text to a tree: TOML, JSON, either of them inside a message, or a message with one `Name: value` per line.

use super::error::SheetError;
use super::fields::canonical;
use super::tree::Node;
use crate::text::{clean, is_deceptive};
use std::ops::Range;

/// A sheet is a page; this is a book.
pub(super) const LIMIT: usize = 64 * 1024;

/// `scopes.user` is two levels and a list.
const DEEPEST: usize = 4;

/// What stands before the items of a list.
const BULLETS: [char; 5] = [' ', '\t', '-', '*', '\u{2022}'];

/// How the text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// TOML or JSON: somebody filled in a form.
    Structured,
    /// A message: somebody wrote to a person, and left out what a person would know.
    Message,
}

/// Reads `text`.
pub(super) fn parse(text: &str) -> Result<(Node, Format), SheetError> {
    if text.len() > LIMIT {
        return Err(SheetError::Unreadable(
            "This is larger than 64 KiB; a sheet is one page of text.".to_owned(),
        ));
    }
    if text.contains('\0') {
        return Err(SheetError::Unreadable("This is not text.".to_owned()));
    }
    let lines = unquoted(text);
    let text = lines.join("\n");
    if text.trim().is_empty() {
        return Err(SheetError::Unreadable("There is nothing in it.".to_owned()));
    }
    let (tree, format) = if let Some(block) = json_block(&text) {
        (json(block)?, Format::Structured)
    } else if let Some(block) = toml_block(&lines) {
        (
            complete(toml(block.start, lines.get(block.clone()).unwrap_or_default())?, &lines, block),
            Format::Structured,
        )
    } else {
        (message(&lines)?, Format::Message)
    };
    if tree.depth() > DEEPEST {
        return Err(SheetError::Unreadable("Its fields are nested deeper than a sheet\u{2019}s.".to_owned()));
    }
    if let Some(name) = tree.duplicate() {
        let name = clean(name, 40);
        return Err(SheetError::Unreadable(format!("The field {name} stands twice.")));
    }
    plain(&tree)?;
    Ok((tree, format))
}

/// The lines, without the marks of a quoted message and of an editor that begins files with one.
fn unquoted(text: &str) -> Vec<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines()
        .map(|line| {
            let mut line = line.trim_end();
            while let Some(rest) = line.trim_start().strip_prefix('>') {
                line = rest.strip_prefix(' ').unwrap_or(rest);
            }
            line
        })
        .collect()
}

/// Invisible characters can make one name or address look like another.
fn plain(tree: &Node) -> Result<(), SheetError> {
    let mut found = None;
    tree.walk("", &mut |place, name, value| {
        let texts = [name, if let Node::Text(text) = value { Some(text.as_str()) } else { None }];
        if let Some(letter) =
            texts.into_iter().flatten().flat_map(str::chars).find(|letter| is_deceptive(*letter))
        {
            found.get_or_insert_with(|| (clean(place, 40), u32::from(letter)));
        }
    });
    match found {
        None => Ok(()),
        Some((field, letter)) => Err(SheetError::Invalid {
            field,
            found: format!("It holds an invisible character (U+{letter:04X})."),
            advice: "Type it again, or copy it as plain text.".to_owned(),
        }),
    }
}

/// The first `{…}` that says it is a sheet, or is all there is.
fn json_block(text: &str) -> Option<&str> {
    let whole = text.trim();
    if whole.starts_with('{') || whole.starts_with("[{") {
        return Some(whole.trim_end_matches('`'));
    }
    // Looking at every brace would take long in a text of braces; a message has few.
    text.match_indices('{').take(32).find_map(|(start, _)| {
        let rest = text.get(start..)?;
        let block = rest.get(..=closing(rest)?)?;
        (block.contains("\"schema\"") || block.contains("\"app_id\"")).then_some(block)
    })
}

/// Where the brace that opens `text` is closed.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

fn json(block: &str) -> Result<Node, SheetError> {
    // The parser's own words may repeat the text, and the text may hold a secret.
    serde_json::from_str(block)
        .map_err(|error| SheetError::Unreadable(format!("Line {} is not valid JSON.", error.line())))
}

/// The first run of lines that reads like TOML and names a field of ours.
fn toml_block(lines: &[&str]) -> Option<Range<usize>> {
    let ours = |line: &&str| assigned(line).is_some_and(|name| canonical(name).is_some());
    let first = lines.iter().position(&ours)?;
    let before = lines.iter().take(first).rev().take_while(|line| toml_like(line)).count();
    let start = first - before;
    let mut open = 0_isize;
    let length = lines
        .iter()
        .skip(start)
        .take_while(|line| {
            let goes_on = (open > 0 || toml_like(line)) && !line.starts_with("```");
            open = (open + brackets(line)).max(0);
            goes_on
        })
        .count();
    // A line that is not TOML between two that are: a slip in a form, which its line number helps to find.
    let last = lines.iter().rposition(ours).map_or(start + length, |last| last + 1);
    Some(start..last.max(start + length))
}

fn toml_like(line: &str) -> bool {
    let code = line.trim();
    code.is_empty()
        || code.starts_with('#')
        || (code.starts_with('[') && code.ends_with(']'))
        || assigned(code).is_some()
}

/// A form that came back with some fields empty and the answers written around it.
fn complete(tree: Node, lines: &[&str], block: Range<usize>) -> Node {
    let Node::Table(mut fields) = tree else { return tree };
    let around: Vec<&str> =
        lines.iter().enumerate().filter(|(index, _)| !block.contains(index)).map(|(_, line)| *line).collect();
    if let Ok(Node::Table(answers)) = message(&around) {
        for (name, value) in answers {
            let same = |(other, there): &(String, Node)| {
                other == &name
                    || (canonical(other) == canonical(&name) && *there != Node::Text(String::new()))
            };
            if !fields.iter().any(same) && canonical(&name).is_some_and(|name| !name.starts_with("scopes")) {
                fields.retain(|(other, _)| canonical(other) != canonical(&name));
                fields.push((name, value));
            }
        }
    }
    Node::Table(fields)
}

/// The name before a `=`, if the line assigns one.
fn assigned(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim().trim_matches('"');
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    (!name.is_empty() && name.bytes().all(fits)).then_some(name)
}

/// Opened less closed brackets outside quotation marks and comments.
fn brackets(line: &str) -> isize {
    let mut balance = 0;
    let mut quote = None;
    for byte in line.bytes() {
        match (quote, byte) {
            (None, b'#') => break,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(mark), _) if mark == byte => quote = None,
            (None, b'[' | b'{') => balance += 1,
            (None, b']' | b'}') => balance -= 1,
            _ => {}
        }
    }
    balance
}

fn toml(first: usize, block: &[&str]) -> Result<Node, SheetError> {
    let text = block.join("\n");
    match text.parse::<toml::Table>() {
        Ok(table) => Ok(toml::Value::Table(table).into()),
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let line = first + 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            let why = if error.message().contains("duplicate") {
                format!("Line {line} names a field that stands twice.")
            } else {
                format!("Line {line} is not valid TOML.")
            };
            Err(SheetError::Unreadable(why))
        }
    }
}

/// `Name: value` lines, or columns as in the request Attendant writes. A list goes on in the lines below it.
fn message(lines: &[&str]) -> Result<Node, SheetError> {
    let mut fields: Vec<(String, Node)> = Vec::new();
    // Whether the field above may go on in this line.
    let mut open = false;
    for line in lines {
        if let Some((name, value)) = labelled(line) {
            fields.push((name.to_owned(), Node::List(words(value).collect())));
            open = true;
            continue;
        }
        let Some((name, Node::List(values))) = fields.last_mut().filter(|_| open) else { continue };
        let rest = line.trim_start_matches(BULLETS);
        let indented = rest.len() < line.len();
        // "User scopes:" with the names below it, not indented.
        let names = takes_many(name) && !rest.contains(' ') && rest.contains(['.', ':', '_']);
        if indented || values.is_empty() || names {
            values.extend(words(rest));
        } else if !rest.is_empty() {
            open = false;
        }
    }
    if !fields.iter().any(|(name, _)| canonical(name).is_some()) {
        return Err(SheetError::Unreadable("No field of a sheet was found in this text.".to_owned()));
    }
    // Prose has colons too; what we do not know is prose, unless a secret stands behind it.
    fields.retain(|(name, _)| canonical(name).is_some() || super::secrets::is_telling_name(name));
    // An answer stands above the message it answers, which may name everything again.
    let mut first: Vec<(String, Node)> = Vec::new();
    for (name, value) in fields {
        let known = canonical(&name).is_some();
        let again = |(earlier, _): &(String, Node)| {
            *earlier == name || (known && canonical(earlier) == canonical(&name))
        };
        if value != Node::List(Vec::new()) && !first.iter().any(again) {
            first.push((name, value));
        }
    }
    Ok(Node::Table(first))
}

fn takes_many(name: &str) -> bool {
    matches!(
        canonical(name),
        Some("scopes" | "scopes.user" | "scopes.application" | "redirect_urls" | "tenants")
    )
}

/// A known name and what stands behind its colon, or behind two or more spaces.
fn labelled(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().trim_start_matches(BULLETS);
    let by_colon = line.split_once(':').filter(|(name, _)| name.split_whitespace().count() <= 4);
    if let Some((name, value)) = by_colon
        && !value.starts_with("//")
    {
        return Some((name.trim().trim_matches('*'), value.trim()));
    }
    let (name, value) = line.split_once("  ")?;
    canonical(name).map(|_| (name.trim(), value.trim()))
}

fn words(value: &str) -> impl Iterator<Item = Node> {
    let value = value.trim().trim_matches('`');
    (!value.is_empty()).then(|| Node::Text(value.to_owned())).into_iter()
}
