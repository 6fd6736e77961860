//! Sheets as they come from people: right ones in every wrapping, and a table of wrong ones with their findings.

use super::*;
use crate::error::Problem;
use attendant_protocol::Code;

const APP_ID: &str = "7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5";

const TOML: &str = r#"schema = "attendant-registration/1"
name = "Acme production"
type = "non-confidential"
edition = "cloud"
host = "https://cloud.uipath.com"
organization = "acme"
tenants = ["DefaultTenant", "Test"]
app_id = "7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5"
redirect_urls = ["http://localhost:8421/callback", "http://localhost:8422/callback", "http://localhost:8423/callback"]

[scopes]
user = ["openid", "offline_access", "OR.Folders.Read"]
application = []
"#;

const JSON: &str = r#"{ "schema": "attendant-registration/1", "name": "Acme production", "type": "non-confidential",
  "edition": "cloud", "host": "https://cloud.uipath.com", "organization": "acme", "tenants": ["DefaultTenant", "Test"],
  "app_id": "7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5",
  "scopes": { "user": ["openid", "offline_access", "OR.Folders.Read"], "application": [] } }"#;

fn replaced(from: &str, to: &str) -> String {
    assert!(TOML.contains(from), "{from}");
    TOML.replacen(from, to, 1)
}

fn refused(text: &str) -> Problem {
    match read(text) {
        Ok(sheet) => panic!("accepted: {text}\n{sheet:?}"),
        Err(error) => Problem::from(error),
    }
}

#[test]
fn the_same_sheet_in_every_wrapping() {
    let plain = read(TOML).unwrap();
    let review = plain.review();
    assert_eq!(review.warnings, Vec::<String>::new());
    assert_eq!(review.host, "https://cloud.uipath.com");
    assert_eq!(review.scopes[2].words.as_deref(), Some("See which folders you have"));
    let quoted: String = TOML.lines().map(|line| format!("> {line}\r\n")).collect();
    for (what, text) in [
        ("JSON", JSON.to_owned()),
        ("a byte order mark", format!("\u{feff}{TOML}")),
        ("Windows line ends", TOML.replace('\n', "\r\n")),
        ("TOML in a message", format!("Hi Dana,\n\nhere it is.\n\n{TOML}\nRegards,\nKim: the admin\n")),
        ("a fenced block", format!("Hi Dana,\n```toml\n{TOML}```\nRegards\n")),
        ("JSON in a message", format!("Hi {{Dana}},\n\n{JSON}\n\nRegards\n")),
        ("a quoted message", format!("Thanks!\n\nOn Monday Kim wrote:\n{quoted}")),
    ] {
        assert_eq!(read(&text).as_ref(), Ok(&plain), "{what}");
    }
}

#[test]
fn a_message_with_one_field_per_line() {
    let text = format!(
        "Hi Dana,\nhere is what you asked for: an app.\n\nApp ID: {APP_ID}\n- Organization: acme\n* Tenants: DefaultTenant, Test\n\
         Type:   Non-Confidential application\nUser scopes:\n  OR.Folders.Read\n  OR.Jobs, offline_access\n\
         See https://cloud.uipath.com/acme for more.\nKim\n"
    );
    let review = read(&text).unwrap().review();
    assert_eq!((review.name.as_str(), review.app_id.as_str()), ("acme DefaultTenant", APP_ID));
    assert_eq!(review.tenants, ["DefaultTenant", "Test"]);
    assert_eq!(review.redirect_urls, DEFAULT_REDIRECTS);
    let names: Vec<_> = review.scopes.iter().map(|scope| scope.name.as_str()).collect();
    assert_eq!(names, ["OR.Folders.Read", "OR.Jobs", "offline_access"]);
    assert_eq!(review.warnings, ["No address was given; https://cloud.uipath.com is assumed."]);
}

#[test]
fn the_request_comes_back_as_a_sheet() {
    let draft = Draft {
        organization: "acme".into(),
        tenant: "DefaultTenant".into(),
        name: "Acme".into(),
        ..Draft::default()
    };
    let request = request_for_draft(&draft);
    for line in [
        "Type         Non-Confidential application (no secret)",
        "User scopes  openid",
        "             OR.Folders.Read",
        "Redirects    http://localhost:8421/callback",
        "             http://localhost:8423/callback",
        "Then send back: App ID, organization name, tenant name.",
        "app_id = \"\"",
    ] {
        assert!(request.contains(&format!("{line}\n")), "{line}\n{request}");
    }
    // Filled in.
    let filled = request.replace("app_id = \"\"", &format!("app_id = \"{APP_ID}\""));
    let expected = read(&filled).unwrap();
    assert_eq!(expected.review().warnings, Vec::<String>::new());
    // Answered above the quoted request, with the form left as it was.
    let quoted: String = request.lines().map(|line| format!("> {line}\n")).collect();
    let answered = format!("Done!\nApp ID: {APP_ID}\nOrganization: acme\nTenant: DefaultTenant\n\n{quoted}");
    assert_eq!(read(&answered).unwrap(), expected);
    // Not answered at all.
    assert_eq!(refused(&request).code, Code::FieldMissing);
    // The request of the registration that came of it asks for the same again.
    let registration = expected.into_registration(None, &[]).unwrap();
    assert!(request_for(&registration).contains(APP_ID));
}

#[test]
fn a_draft_becomes_a_sheet_or_a_finding() {
    let mut draft = Draft {
        name: "Acme \"prod\"".into(),
        organization: " acme ".into(),
        tenant: "DefaultTenant".into(),
        app_id: "b81e5c40-0f3d-4a77-8e6b".into(),
        ..Draft::default()
    };
    let problem = Problem::from(draft.to_sheet().unwrap_err());
    assert_eq!(problem.message, "app_id: An App ID has 36 characters; this has 23.");
    assert_eq!(problem.advice, "Copy it again, the list on UiPath\u{2019}s page shows only the beginning.");
    draft.app_id = APP_ID.into();
    let review = read(&draft.to_sheet().unwrap()).unwrap().review();
    assert_eq!((review.name.as_str(), review.organization.as_deref()), ("Acme \"prod\"", Some("acme")));
    let json =
        r#"{"name":"x","edition":"oidc","host":"https://id.example","app_id":"a","scopes":["openid"]}"#;
    let draft: Draft = serde_json::from_str(json).unwrap();
    let request = request_for_draft(&draft);
    assert!(
        request.starts_with("Please register a public OAuth client") && !request.contains("UiPath"),
        "{request}"
    );
    draft.to_sheet().unwrap();
}

#[test]
fn b12_276_every_wrong_field_is_named() {
    for (from, to, code, field) in [
        ("app_id = \"7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5\"\n", "", Code::FieldMissing, "app_id"),
        ("organization = \"acme\"\n", "", Code::FieldMissing, "organization"),
        ("tenants = [\"DefaultTenant\", \"Test\"]\n", "", Code::FieldMissing, "tenants"),
        ("tenants = [\"DefaultTenant\", \"Test\"]", "tenants = []", Code::FieldMissing, "tenants"),
        ("name = \"Acme production\"\n", "", Code::FieldMissing, "name"),
        ("name = \"Acme production\"", "name = \"  \"", Code::FieldMissing, "name"),
        ("\"openid\", \"offline_access\", \"OR.Folders.Read\"", "", Code::FieldMissing, "scopes.user"),
        ("app_id = \"7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5\"", "app_id = 7", Code::FieldInvalid, "app_id"),
        (
            "7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5",
            "7c2f9a10x5b1e-4f7e-9a43-0d6c1be2f8a5",
            Code::FieldInvalid,
            "app_id",
        ),
        ("0d6c1be2f8a5", "0d6c1be2f8a5 (App ID)", Code::FieldInvalid, "app_id"),
        ("tenants = [\"DefaultTenant\", \"Test\"]", "tenants = [\"a/b\"]", Code::FieldInvalid, "tenants"),
        ("tenants = [\"DefaultTenant\", \"Test\"]", "tenants = [1]", Code::FieldInvalid, "tenants"),
        ("organization = \"acme\"", "organization = \"..\"", Code::FieldInvalid, "organization"),
        ("organization = \"acme\"", "organization = [\"a\", \"b\"]", Code::FieldInvalid, "organization"),
        ("organization = \"acme\"", "organization = \"ac\u{202e}me\"", Code::FieldInvalid, "organization"),
        ("organization = \"acme\"", "organization = \"ac\\u0000me\"", Code::FieldInvalid, "organization"),
        ("edition = \"cloud\"", "edition = \"moon\"", Code::FieldInvalid, "edition"),
        ("type = \"non-confidential\"", "type = \"spa-ish\"", Code::FieldInvalid, "type"),
        ("type = \"non-confidential\"", "type = \"non-\u{200b}confidential\"", Code::FieldInvalid, "type"),
        ("attendant-registration/1", "attendant-registration/one", Code::FieldInvalid, "schema"),
        ("https://cloud.uipath.com", "http://cloud.uipath.com", Code::FieldInvalid, "host"),
        ("https://cloud.uipath.com", "https://dana@cloud.uipath.com", Code::FieldInvalid, "host"),
        ("https://cloud.uipath.com", "https://cloud.uipath.com/?a=b", Code::FieldInvalid, "host"),
        ("https://cloud.uipath.com", "https://cloud.uipath.com/#x", Code::FieldInvalid, "host"),
        ("https://cloud.uipath.com", "ftp://cloud.uipath.com", Code::FieldInvalid, "host"),
        ("https://cloud.uipath.com", "file:///etc/passwd", Code::FieldInvalid, "host"),
        ("https://cloud.uipath.com", "https://", Code::FieldInvalid, "host"),
        ("https://cloud.uipath.com", "https://cloud.uipath.com:99999", Code::FieldInvalid, "host"),
        ("https://cloud.uipath.com", "https://cloud.uipath.com/a/b/c", Code::FieldInvalid, "host"),
        ("https://cloud.uipath.com", "https://cloud.uipath.com/other", Code::FieldInvalid, "organization"),
        ("https://cloud.uipath.com", "https://cloud.uipath.com/acme/Third", Code::FieldInvalid, "tenants"),
    ] {
        let text = replaced(from, to);
        let error = read(&text).expect_err(&text);
        assert_eq!((error.code(), error.field()), (code, Some(field)), "{to}: {error}");
        let problem = Problem::from(error);
        assert!(problem.message.contains(field) && !problem.advice.is_empty(), "{problem:?}");
    }
}

#[test]
fn b12_276_unknown_fields_are_named_and_typos_guessed() {
    let text = replaced("host =", "colour = \"red\"\nredirect_ulrs = []\nhost =");
    let warnings = read(&text).unwrap().review().warnings;
    assert!(warnings.iter().any(|w| w.contains("\u{201c}colour\u{201d} is not known")), "{warnings:?}");
    assert!(
        warnings.iter().any(|w| w.contains("redirect_ulrs") && w.contains("Was redirect_urls meant?")),
        "{warnings:?}"
    );
    let problem = refused(&replaced("app_id =", "appp_id ="));
    assert_eq!(problem.code, Code::FieldMissing);
    assert!(problem.advice.contains("appp_id"), "{problem:?}");
}

#[test]
fn b12_277_secrets_are_refused_and_not_repeated() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJkYW5hIiwiaWF0IjoxfQ.MARKERMARKERMARKER";
    let json_secret = JSON.replace("\"app_id\"", "\"clientSecret\": \"MARKER-s3cret\", \"app_id\"");
    for text in [
        replaced("app_id =", "client_secret = \"MARKER-s3cret\"\napp_id ="),
        replaced("app_id =", "\"App Secret\" = \"MARKER\"\napp_id ="),
        replaced("app_id =", "secret = [\"MARKER\"]\napp_id ="),
        replaced("app_id =", "password = 123456\napp_id ="),
        replaced("app_id =", "# client_secret: MARKER-s3cret\napp_id ="),
        replaced("app_id =", "comment = \"MARKERaB3~xY9kLmN0pQ\"\napp_id ="),
        replaced(APP_ID, "MARKER~aB3xY9kLmN0pQrStUvWxYz"),
        replaced("[scopes]", "[scopes]\ntoken = \"MARKER\""),
        replaced("name = \"Acme production\"", &format!("name = \"{jwt}\"")),
        replaced("app_id =", "access_token = \"rt_MARKER\"\napp_id ="),
        replaced("app_id =", "note = \"-----BEGIN RSA PRIVATE KEY----- MARKER\"\napp_id ="),
        json_secret.clone(),
        format!("Client secret: MARKER-s3cret\n\n{TOML}"),
        format!("{TOML}\nand the secret value = \"MARKER-s3cret\"\n"),
        format!("App ID: {APP_ID}\nApp secret: MARKER-s3cret\nOrganization: acme\n"),
        format!(
            "{{ \"client_secret\": \"MARKER-s3cret\", \"type\": \"confidential\", \"app_id\": \"{APP_ID}\" "
        ),
        "key = \"no sheet\nclient_secret = \"MARKER-s3cret\"".to_owned(),
        replaced("type = \"non-confidential\"", "type = \"confidential\"\nclient_secret = \"MARKER\""),
    ] {
        let problem = refused(&text);
        assert_eq!(problem.code, Code::SecretFound, "{text}\n{problem:?}");
        assert!(!format!("{problem:?}").contains("MARKER"), "{problem:?}");
    }
    // Saying that there is none is fine, and so are ids that look random.
    for text in [
        replaced("app_id =", "client_secret = \"\"\napp_id ="),
        replaced("app_id =", "client_secret = \"none\"\napp_id ="),
        replaced("app_id =", "# No secret: none is needed. It holds no password.\napp_id ="),
        JSON.replace("\"app_id\"", "\"client_secret\": null, \"app_id\""),
        TOML.replace(APP_ID, &APP_ID.to_uppercase()),
        format!("Client secret: none\nPassword: not needed\n\n{TOML}"),
    ] {
        read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
}

#[test]
fn a_robots_credentials_are_told_apart() {
    for text in [
        format!("ClientId: {APP_ID}\nClientSecret: MARKER\n"),
        format!("{{\"ClientId\": \"{APP_ID}\", \"SecretId\": 4, \"ClientSecret\": \"MARKER\"}}"),
        format!("client_id = \"{APP_ID}\"\nclient_secret = \"MARKER\"\n"),
        format!("Machine: FINANCE-01\nClient ID: {APP_ID}\nClient secret: MARKER\n"),
        format!("Organization: acme\nlicenseKey: {APP_ID}\n"),
        replaced("app_id =", "machine_key = \"x\"\nclient_secret = \"MARKER\"\napp_id ="),
        replaced("type = \"non-confidential\"", "type = \"robot\""),
    ] {
        let problem = refused(&text);
        assert_eq!(problem.code, Code::RobotCredentials, "{text}\n{problem:?}");
        assert!(
            !format!("{problem:?}").contains("MARKER") && problem.advice.contains("robot"),
            "{problem:?}"
        );
    }
}

#[test]
fn another_kind_of_app_is_refused() {
    for kind in ["confidential", "Confidential application", "CONFIDENTIAL"] {
        let problem = refused(&replaced("type = \"non-confidential\"", &format!("type = \"{kind}\"")));
        assert_eq!(problem.code, Code::WrongAppType);
    }
    let only_application = replaced(
        "user = [\"openid\", \"offline_access\", \"OR.Folders.Read\"]\napplication = []",
        "application = [\"OR.Jobs\"]",
    );
    let problem = refused(&only_application);
    assert!(
        problem.code == Code::FieldMissing && problem.advice.contains("application scopes only"),
        "{problem:?}"
    );
    let both = replaced("application = []", "application = [\"OR.Jobs\"]");
    assert!(read(&both).unwrap().review().warnings[0].contains("Application scopes (OR.Jobs)"));
}

#[test]
fn b12_278_text_that_is_no_sheet() {
    let deep = format!("{{\"app_id\": {}1{}}}", "[".repeat(100), "]".repeat(100));
    let deeper = format!("{{\"app_id\": {}", "[".repeat(60_000));
    let braces = "{".repeat(60_000);
    let toml_deep = format!("app_id = {}", "[".repeat(30_000));
    for text in [
        "",
        " \n\t",
        "hello",
        "Dear Dana: how are you?",
        "\0\u{1}\u{2}",
        "[]",
        "[{}]",
        "{",
        "{}x{",
        "app_id",
        "= =",
        "{\"app_id\": tru}",
        &deep,
        &deeper,
        &braces,
        &toml_deep,
        &"a".repeat(65 * 1024),
        &TOML.replace("tenants = [\"DefaultTenant\", \"Test\"]", "tenants = [\"DefaultTenant\", \"Test\""),
        &TOML.replace("organization = ", "organization "),
        &TOML.replace("host =", "app_id = \"x\"\nhost ="),
        &TOML.replace("host =", "clientId = \"7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5\"\nhost ="),
        &JSON.replace("\"app_id\"", "\"app_id\": \"x\", \"app_id\""),
    ] {
        let problem = refused(text);
        assert_eq!(problem.code, Code::SheetUnreadable, "{problem:?}\n{}", &text[..text.len().min(300)]);
    }
    let line = refused(&TOML.replace("organization = ", "organization ")).message;
    assert_eq!(line, "Line 6 is not valid TOML.");
    let twice = refused(&JSON.replace("\"app_id\"", "\"name\": \"x\", \"app_id\"")).message;
    assert_eq!(twice, "The field name stands twice.");
    // An empty object is readable, and lacks everything.
    assert_eq!(refused("{}").code, Code::FieldMissing);
}

#[test]
fn b12_284_a_newer_sheet_is_not_half_understood() {
    assert_eq!(refused(&replaced("registration/1", "registration/2")).code, Code::SheetTooNew);
}

#[test]
fn b12_288_redirect_urls() {
    let with = |urls: &str| {
        let from = "[\"http://localhost:8421/callback\", \"http://localhost:8422/callback\", \"http://localhost:8423/callback\"]";
        read(&replaced(from, urls))
    };
    for good in
        ["[\"http://127.0.0.1:9000/\"]", "\"http://localhost:8421/callback\"", "[\"http://[::1]:9000/cb\"]"]
    {
        with(good).unwrap();
    }
    for bad in [
        "[]",
        "[\"\"]",
        "\"\"",
        "[\"http://localhost/callback\"]",
        "[\"http://localhost:80/callback\"]",
        "[\"http://localhost:1024/callback\"]",
        "[\"http://localhost:0/callback\"]",
        "[\"https://localhost:8421/callback\"]",
        "[\"http://192.168.0.2:8421/callback\"]",
        "[\"http://localhost.evil.example:8421/callback\"]",
        "[\"http://localhost:8421/callback?x=1\"]",
        "[\"http://localhost:8421/callback#x\"]",
        "[\"http://dana@localhost:8421/callback\"]",
        "[\"http://LOCALHOST:8421/callback\"]",
        "[\"http://localhost:8421\"]",
        "[\"attendant://callback\"]",
        "[\"javascript:alert(1)\"]",
        "[\"callback\"]",
        "[true]",
        "[\"http://localhost:8421/a\", \"http://localhost:8421/a\"]",
    ] {
        let error = with(bad).expect_err(bad);
        assert_eq!(error.field(), Some("redirect_urls"), "{bad}: {error}");
    }
}

#[test]
fn b12_289_scopes() {
    let with = |scopes: &str| read(&replaced("\"openid\", \"offline_access\", \"OR.Folders.Read\"", scopes));
    for bad in ["\"OR.J\u{f6}bs\"", "\"OR\\\\Jobs\"", "\"a\\\"b\""] {
        assert_eq!(with(bad).expect_err(bad).field(), Some("scopes.user"), "{bad}");
    }
    let many: Vec<String> = (0..1_000).map(|n| format!("\"OR.Scope{n}\"")).collect();
    assert_eq!(with(&many.join(", ")).unwrap_err().field(), Some("scopes.user"));
    let warnings = with("\"OR.Jobs\", \"OR.Jobs\"").unwrap().review().warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("listed twice") && warnings[1].contains("every hour"));
}

#[test]
fn everything_is_left_out_unless_the_person_includes_it() {
    let text = replaced("\"OR.Folders.Read\"", "\"OR.Default\", \"OR.Folders.Read\"");
    let sheet = read(&text).unwrap();
    assert_eq!(sheet.review().left_out[0].name, "OR.Default");
    let scopes = |include: &[&str]| {
        let include: Vec<String> = include.iter().map(|name| (*name).to_owned()).collect();
        sheet.clone().into_registration(None, &include).unwrap().scopes
    };
    assert_eq!(scopes(&[]), ["openid", "offline_access", "OR.Folders.Read"]);
    assert_eq!(
        scopes(&["OR.Default", "OR.Users"]),
        ["openid", "offline_access", "OR.Folders.Read", "OR.Default"]
    );
    let only =
        read(&replaced("\"openid\", \"offline_access\", \"OR.Folders.Read\"", "\"OR.Default\"")).unwrap();
    assert_eq!(only.into_registration(None, &[]).unwrap_err().field(), Some("scopes.user"));
}

#[test]
fn a_sheet_becomes_a_registration() {
    let sheet = read(TOML).unwrap();
    let registration = sheet.clone().into_registration(None, &[]).unwrap();
    assert_eq!(registration.id.as_str(), "acme-production");
    assert_eq!(registration.issuer(), "https://cloud.uipath.com/identity_");
    assert_eq!(registration.tenant_url("Test").as_deref(), Some("https://cloud.uipath.com/acme/Test"));
    check::registration(&registration).unwrap();
    assert_eq!(sheet.clone().into_registration(Some(" Mine ".into()), &[]).unwrap().name, "Mine");
    assert!(sheet.clone().into_registration(Some("a\u{202e}b".into()), &[]).is_err());
    assert!(sheet.into_registration(Some("x".repeat(61)), &[]).is_err());
}

#[test]
fn editions_by_their_address() {
    for (host, organization, edition) in [
        ("https://cloud.uipath.com", true, Edition::Cloud),
        ("staging.uipath.com", true, Edition::Cloud),
        ("https://acme.dedicated.uipath.com/", true, Edition::Cloud),
        ("https://govcloud.uipath.us", true, Edition::Cloud),
        ("https://cloud.uipath.com.evil.example", true, Edition::AutomationSuite),
        ("https://suite.acme.example/acme/DefaultTenant", false, Edition::AutomationSuite),
        ("https://suite.acme.example/acme/DefaultTenant/orchestrator_/", true, Edition::AutomationSuite),
        ("https://orch.acme.example", false, Edition::Standalone),
        ("http://127.0.0.1:8500", false, Edition::Standalone),
    ] {
        let text =
            replaced("edition = \"cloud\"\n", "").replace("https://cloud.uipath.com\"", &format!("{host}\""));
        let text = if organization { text } else { text.replace("organization = \"acme\"\n", "") };
        let sheet = read(&text).unwrap_or_else(|error| panic!("{host}: {error}"));
        assert_eq!(sheet.edition, edition, "{host}");
        assert_eq!(sheet.host.path(), "/", "{host}");
    }
    let posing = replaced("https://cloud.uipath.com", "https://cloud.uipath.com.evil.example");
    assert!(read(&posing).unwrap().review().warnings[0].contains("is not an address of UiPath"));
}

#[test]
fn another_provider() {
    let text = "schema = \"attendant-registration/1\"\nname = \"Second provider\"\ntype = \"non-confidential\"\n\
        edition = \"oidc\"\nhost = \"http://localhost:4000\"\napi_base = \"http://localhost:4000/api\"\napp_id = \"0oa1B2c3D4E5f6G7h8i9\"\n\
        redirect_urls = [\"http://127.0.0.1/callback\"]\n\n[scopes]\nuser = [\"openid\", \"offline_access\"]\napplication = []\n";
    let registration = read(text).unwrap().into_registration(None, &[]).unwrap();
    assert_eq!(registration.issuer(), "http://localhost:4000");
    assert_eq!(registration.redirect_urls, ["http://127.0.0.1:0/callback"], "any port");
    check::registration(&registration).unwrap();
    let path = text.replace(
        "http://localhost:4000\"",
        "https://id.example/realms/acme/.well-known/openid-configuration\"",
    );
    let path = path.replace("http://localhost:4000/api", "https://id.example/api");
    assert_eq!(
        read(&path).unwrap().into_registration(None, &[]).unwrap().issuer(),
        "https://id.example/realms/acme"
    );
    let elsewhere = text.replace("http://localhost:4000/api", "https://api.example");
    assert_eq!(read(&elsewhere).unwrap_err().field(), Some("api_base"));
    let extra = text.replace("app_id", "tenants = [\"x\"]\napp_id");
    let sheet = read(&extra).unwrap();
    assert!(sheet.tenants.is_empty() && sheet.review().warnings.len() == 1);
}

/// Neither a cut nor a changed byte may panic or be half believed: it is the same sheet, another whole one, or a finding.
#[test]
fn b12_276_damaged_sheets_never_panic() {
    let samples = [TOML.to_owned(), JSON.to_owned(), request_for_draft(&Draft::default())];
    for sample in samples {
        for at in (0..sample.len()).filter(|at| sample.is_char_boundary(*at)) {
            let _ = read(&sample[..at]);
            let _ = read(&sample[at..]);
            for noise in ["\"", "{", "[", "=", "\n", "\u{0}", "\u{202e}", "é", ":", "# "] {
                let mut changed = sample.clone();
                if (at + noise.len()) % 19 == 0 {
                    changed.insert_str(at, noise);
                    let _ = read(&changed);
                }
            }
        }
    }
}
