//! Sheets that are wrong: each is refused by name, with advice, and nothing is saved.

use anyhow::Context;
use attendant_tests::{App, Result, World, cli};

const GOOD: &str = "schema = \"attendant-registration/1\"\nname = \"Acme\"\ntype = \"non-confidential\"\n\
     edition = \"cloud\"\nhost = \"https://cloud.uipath.com\"\norganization = \"acme\"\ntenants = [\"DefaultTenant\"]\n\
     app_id = \"11111111-2222-3333-4444-555555555555\"\nredirect_urls = [\"http://localhost:8421/callback\"]\n\
     [scopes]\nuser = [\"OR.Folders.Read\", \"offline_access\"]\n";

/// [`GOOD`] with one line replaced.
fn with(line: &str, other: &str) -> String {
    assert!(GOOD.contains(line), "{line}");
    GOOD.replace(line, other)
}

#[test]
fn wrong_sheets_are_named_and_nothing_is_saved() -> Result<()> {
    let world = World::new("bad-sheets")?;
    let _app = App::start(&world)?;
    let secret = "client_secret = \"8f14e45fceea167a5a36dedd4bea2543\"\n";
    for (sheet, code) in [
        ("".to_owned(), "sheet_unreadable"),
        ("Dear Pat, the app is ready. Best, Alex".to_owned(), "sheet_unreadable"),
        ("schema = \"attendant-registration/1\"\nname = [".to_owned(), "sheet_unreadable"),
        (with("attendant-registration/1", "attendant-registration/9"), "sheet_too_new"),
        (with("app_id = \"11111111-2222-3333-4444-555555555555\"\n", ""), "field_missing"),
        (with("app_id = \"11111111-2222-3333-4444-555555555555\"", "app_id = 7"), "field_invalid"),
        (with("https://cloud.uipath.com", "http://cloud.uipath.com"), "field_invalid"),
        (with("[\"http://localhost:8421/callback\"]", "8421"), "field_invalid"),
        (with("[\"DefaultTenant\"]", "{ first = \"DefaultTenant\" }"), "field_invalid"),
        (
            with("[\"http://localhost:8421/callback\"]", "[\"https://evil.example/callback\"]"),
            "field_invalid",
        ),
        (with("type = \"non-confidential\"", "type = \"confidential\""), "wrong_app_type"),
        (format!("{secret}{GOOD}"), "secret_found"),
    ] {
        let said = cli::attendant_with(&world, &["import", "-"], &sheet).with_context(|| sheet.clone())?;
        assert_eq!(said.code, Some(1), "{code}: {said:?}");
        assert!(said.err.contains(&format!("({code})")), "{code}: {said:?}");
        assert!(said.err.trim().lines().count() >= 2, "what to do: {said:?}");
        assert!(!said.err.contains("8f14e45f"), "a secret is never repeated: {said:?}");
    }
    let said = cli::attendant(&world, &["status", "--json"])?.ok()?;
    assert!(said.contains("\"registrations\":[]"), "{said}");
    let secret = [("client_secret".to_owned(), "8f14e45fceea167a5a36dedd4bea2543".to_owned())];
    assert_eq!(attendant_tests::leaks::in_files(world.root(), &[], &secret)?, []);
    Ok(())
}

#[test]
fn unknown_fields_are_no_mistake() -> Result<()> {
    let world = World::new("newer-sheet")?;
    let mut app = App::start(&world)?;
    attendant_tests::person::import(&mut app, &format!("from_the_future = 1\n{GOOD}"))?;
    attendant_tests::person::wait_state(&mut app, "acme", "signed_out")
}
