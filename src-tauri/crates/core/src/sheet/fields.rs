//! Which fields a sheet has, and under which names people write them.

use super::error::SheetError;
use super::parse::Format;
use super::tree::Node;
use crate::text::clean;

/// The fields, as found: right types, nothing else checked.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) schema: Option<String>,
    pub(super) name: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) edition: Option<String>,
    pub(super) host: Option<String>,
    pub(super) api_base: Option<String>,
    pub(super) organization: Option<String>,
    pub(super) tenants: Vec<String>,
    pub(super) app_id: Option<String>,
    pub(super) redirect_urls: Option<Vec<String>>,
    pub(super) user_scopes: Vec<String>,
    pub(super) application_scopes: Vec<String>,
    /// Names nobody knows.
    pub(super) unknown: Vec<String>,
}

/// Our name → the names people use, without spaces and marks. The first column is what a sheet says.
const NAMES: &[(&str, &[&str])] = &[
    ("schema", &["schema"]),
    ("name", &["name", "displayname", "applicationname", "appname", "registration"]),
    ("type", &["type", "apptype", "applicationtype", "clienttype"]),
    ("edition", &["edition", "deployment"]),
    ("host", &["host", "url", "server", "issuer", "authority", "signsinat", "baseurl", "uipathurl"]),
    ("api_base", &["apibase", "api"]),
    (
        "organization",
        &["organization", "organisation", "org", "organizationname", "orgname", "accountlogicalname"],
    ),
    ("tenants", &["tenants", "tenant", "tenantname", "tenantnames"]),
    ("app_id", &["appid", "applicationid", "clientid"]),
    (
        "redirect_urls",
        &[
            "redirecturls",
            "redirecturl",
            "redirects",
            "redirect",
            "redirecturis",
            "redirecturi",
            "callbackurl",
            "callbackurls",
        ],
    ),
    ("scopes", &["scopes", "scope"]),
    ("scopes.user", &["userscopes", "userscope", "scopesuser"]),
    (
        "scopes.application",
        &["applicationscopes", "appscopes", "applicationscope", "appscope", "scopesapplication"],
    ),
];

/// A name without what people vary: case, spaces, marks.
pub(super) fn plain_name(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Our name for a field people call `name`.
pub(super) fn canonical(name: &str) -> Option<&'static str> {
    let plain = plain_name(name);
    NAMES.iter().find(|(_, others)| others.contains(&plain.as_str())).map(|(ours, _)| *ours)
}

impl Fields {
    /// Takes the fields out of a tree.
    pub(super) fn read(tree: Node, format: Format) -> Result<Self, SheetError> {
        let Node::Table(named) = tree else {
            return Err(SheetError::Unreadable("A sheet is a group of named fields.".to_owned()));
        };
        let mut fields = Fields::default();
        let mut seen: Vec<&str> = Vec::new();
        for (written, value) in named {
            let Some(name) = canonical(&written) else {
                fields.unknown.push(clean(&written, 40));
                continue;
            };
            if seen.contains(&name) {
                return Err(SheetError::Unreadable(format!(
                    "The field {name} stands twice, under different names."
                )));
            }
            seen.push(name);
            fields.take(name, value, format)?;
        }
        Ok(fields)
    }

    fn take(&mut self, name: &'static str, value: Node, format: Format) -> Result<(), SheetError> {
        match name {
            "schema" => self.schema = text(name, value)?,
            "name" => self.name = text(name, value)?,
            "type" => self.kind = text(name, value)?,
            "edition" => self.edition = text(name, value)?,
            "host" => self.host = text(name, value)?,
            "api_base" => self.api_base = text(name, value)?,
            "organization" => self.organization = text(name, value)?,
            "tenants" => {
                let whole = format == Format::Structured;
                self.tenants = list(name, value, if whole { Split::Never } else { Split::Commas })?;
            }
            "app_id" => self.app_id = text(name, value)?,
            "redirect_urls" => self.redirect_urls = Some(list(name, value, Split::Words)?),
            "scopes.user" => self.user_scopes = list(name, value, Split::Words)?,
            "scopes.application" => self.application_scopes = list(name, value, Split::Words)?,
            _ => self.take_scopes(value)?,
        }
        Ok(())
    }

    /// `scopes` is a table of `user` and `application`; a plain list is taken for user scopes.
    fn take_scopes(&mut self, value: Node) -> Result<(), SheetError> {
        let Node::Table(kinds) = value else {
            self.user_scopes = list("scopes.user", value, Split::Words)?;
            return Ok(());
        };
        for (written, value) in kinds {
            match plain_name(&written).as_str() {
                "user" | "userscopes" => self.user_scopes = list("scopes.user", value, Split::Words)?,
                "application" | "app" | "applicationscopes" => {
                    self.application_scopes = list("scopes.application", value, Split::Words)?;
                }
                _ => self.unknown.push(format!("scopes.{}", clean(&written, 40))),
            }
        }
        Ok(())
    }
}

fn wrong(name: &str, value: &Node, wanted: &str) -> SheetError {
    SheetError::invalid(name, format!("It must be {wanted}, and is {}.", value.kind()), "")
}

/// One text; an empty one is none.
fn text(name: &str, value: Node) -> Result<Option<String>, SheetError> {
    let mut value = value;
    // A message gives every value as a list of lines.
    if let Node::List(items) = &mut value
        && items.len() < 2
    {
        match items.pop() {
            None => return Ok(None),
            Some(only) => value = only,
        }
    }
    match value {
        Node::Text(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Node::Other("nothing") => Ok(None),
        other @ (Node::List(_) | Node::Table(_) | Node::Other(_)) => {
            Err(wrong(name, &other, "text in quotation marks"))
        }
    }
}

#[derive(Clone, Copy)]
enum Split {
    Never,
    Commas,
    Words,
}

/// A list of texts; one text is taken apart, empty ones are left out.
fn list(name: &str, value: Node, split: Split) -> Result<Vec<String>, SheetError> {
    let items = match value {
        Node::List(items) => items,
        Node::Text(text) => vec![Node::Text(text)],
        Node::Other("nothing") => Vec::new(),
        other @ (Node::Table(_) | Node::Other(_)) => return Err(wrong(name, &other, "a list of texts")),
    };
    let mut texts = Vec::new();
    for item in items {
        let Node::Text(text) = item else { return Err(wrong(name, &item, "a list of texts")) };
        let cut = |c: char| match split {
            Split::Never => false,
            Split::Commas => matches!(c, ',' | ';'),
            Split::Words => matches!(c, ',' | ';') || c.is_whitespace(),
        };
        texts.extend(text.split(cut).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned));
    }
    Ok(texts)
}

/// The known name that `written` was probably meant to be.
pub(super) fn meant(written: &str) -> Option<&'static str> {
    let written = plain_name(written);
    let near = |other: &&str| distance(&written, other) <= 2 && other.len() > 3;
    NAMES.iter().find(|(_, others)| others.iter().any(near)).map(|(ours, _)| *ours)
}

/// Letters to add, drop or change to get from one to the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(60).enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row.get(j + 1).copied().unwrap_or(0);
            let left = row.get(j).copied().unwrap_or(0);
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = change.min(diagonal + 1).min(left + 1);
            }
        }
    }
    row.last().copied().unwrap_or(0)
}
