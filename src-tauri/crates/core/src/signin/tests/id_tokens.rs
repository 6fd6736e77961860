//! B6: ID tokens, good and bad, signed here.

use super::rig::{now, registration};
use super::scripted::{Scripted, description, ok};
use crate::http::Http;
use crate::secret::Secret;
use crate::signin::discovery::{Provider, discover};
use crate::signin::id_token::{Expected, IdTokenError, Identity, validate};
use attendant_protocol::Code;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::{LazyLock, Mutex};

static RSA: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());
static OTHER: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).unwrap());
static EC: LazyLock<EcdsaKeyPair> =
    LazyLock::new(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa_key(pair: &KeyPair, kid: &str) -> Value {
    let public = pair.public_key();
    json!({
        "kty": "RSA", "use": "sig", "kid": kid,
        "n": b64(public.modulus().big_endian_without_leading_zero()),
        "e": b64(public.exponent().big_endian_without_leading_zero()),
    })
}

fn ec_key(kid: &str) -> Value {
    let point = EC.public_key().as_ref();
    json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": b64(&point[1..33]), "y": b64(&point[33..65]) })
}

/// Signs whatever stands there, by the key of the header's `alg`.
fn sign_text(header: &Value, claims: &str, pair: &KeyPair) -> Secret {
    let signed = format!("{}.{}", b64(header.to_string()), b64(claims));
    let random = SystemRandom::new();
    let mut signature = vec![0; pair.public_modulus_len()];
    match header["alg"].as_str().unwrap_or_default() {
        "ES256" => signature = EC.sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec(),
        "PS256" => pair.sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature).unwrap(),
        _ => pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap(),
    }
    Secret::new(format!("{signed}.{}", b64(signature)))
}

/// A server with these keys, and a token for it.
struct Case {
    keys: Value,
    algs: Value,
    header: Value,
    claims: Value,
    text: Option<String>,
}

impl Case {
    /// A good one.
    fn new() -> Self {
        let now = now().timestamp();
        Self {
            keys: json!([rsa_key(&RSA, "a")]),
            algs: json!(["RS256"]),
            header: json!({ "alg": "RS256", "kid": "a" }),
            claims: json!({
                "iss": "BASE", "aud": "app-1", "sub": "person-1", "exp": now + 300, "iat": now, "nonce": "n-1",
                "name": "Dana\u{202e} Ferreira", "preferred_username": "dana@acme.example",
            }),
            text: None,
        }
    }

    fn header(mut self, name: &str, value: Value) -> Self {
        self.header[name] = value;
        self
    }

    fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    async fn server(&self) -> (Scripted, Provider) {
        let (keys, algs) = (self.keys.clone(), self.algs.clone());
        let server = Scripted::start(move |base, asked| {
            if asked.line.starts_with("GET /jwks") {
                return ok(&json!({ "keys": keys }));
            }
            let mut document = description(base);
            document["id_token_signing_alg_values_supported"] = algs.clone();
            ok(&document)
        })
        .await;
        let provider = discover(&Http::new().unwrap(), &registration(&server.base)).await.unwrap();
        (server, provider)
    }

    async fn run(self) -> Result<Identity, IdTokenError> {
        let (server, provider) = self.server().await;
        let text = self.text.clone().unwrap_or_else(|| self.claims.to_string()).replace("BASE", &server.base);
        let token = sign_text(&self.header, &text, &RSA);
        check(&provider, &token).await
    }

    async fn fails(self, expected: IdTokenError) {
        let shown = format!("{} {}", self.header, self.claims);
        assert_eq!(self.run().await.unwrap_err(), expected, "{shown}");
    }
}

async fn check(provider: &Provider, token: &Secret) -> Result<Identity, IdTokenError> {
    let (nonce, access) = (Secret::new("n-1".into()), Secret::new("at-1".into()));
    let expected = Expected { provider, app_id: "app-1", nonce: Some(&nonce), access: &access, now: now() };
    validate(&Http::new().unwrap(), token, expected).await
}

#[tokio::test]
async fn b6_129_132_148_161_good_tokens() {
    let identity = Case::new().run().await.unwrap();
    assert_eq!(identity.subject, "person-1");
    assert_eq!(identity.name.as_deref(), Some("Dana Ferreira"), "cleaned");
    assert_eq!(identity.account.as_deref(), Some("dana@acme.example"));
    Case::new().claim("aud", json!(["app-1"])).run().await.unwrap();
    Case::new().header("kid", json!(null)).run().await.unwrap();
    let long = Case::new()
        .claim("name", json!("x".repeat(10_000)))
        .claim("preferred_username", json!(7))
        .run()
        .await
        .unwrap();
    assert_eq!(long.name.unwrap().chars().count(), 81);
    assert_eq!(long.account, None);
    let mail =
        Case::new().without("preferred_username").claim("email", json!("d@x.example")).run().await.unwrap();
    assert_eq!(mail.account.as_deref(), Some("d@x.example"));
}

#[tokio::test]
async fn b6_130_131_133_134_135_wrong_issuers_audiences_and_subjects() {
    for iss in [json!("https://evil.test"), json!("BASE/"), json!(null)] {
        Case::new().claim("iss", iss).fails(IdTokenError::Claim("iss")).await;
    }
    for aud in [json!("other"), json!(null), json!([]), json!(["app-1", "stranger"]), json!("")] {
        Case::new().claim("aud", aud).fails(IdTokenError::Claim("aud")).await;
    }
    Case::new().claim("azp", json!("other")).fails(IdTokenError::Claim("azp")).await;
    Case::new().claim("azp", json!("app-1")).run().await.unwrap();
    for sub in [json!(null), json!(""), json!("x".repeat(256))] {
        Case::new().claim("sub", sub).fails(IdTokenError::Claim("sub")).await;
    }
    Case::new().claim("sub", json!(7)).fails(IdTokenError::Malformed).await;
    Case::new().without("iss").fails(IdTokenError::Claim("iss")).await;
}

#[tokio::test]
async fn b6_136_to_140_times_are_numbers_and_near() {
    let now = now().timestamp();
    Case::new().without("iat").fails(IdTokenError::Claim("iat")).await;
    Case::new().claim("iat", json!("1")).fails(IdTokenError::Malformed).await;
    Case::new().claim("iat", json!(now + 86_400)).fails(IdTokenError::Clock).await;
    Case::new().claim("iat", json!(now - 365 * 86_400)).run().await.unwrap();
    Case::new().without("exp").fails(IdTokenError::Claim("exp")).await;
    Case::new().claim("exp", json!(now - 360)).fails(IdTokenError::Claim("exp")).await;
    Case::new().claim("exp", json!(now - 60)).run().await.unwrap();
    for exp in [json!("never"), json!((now + 300).to_string()), json!([1])] {
        Case::new().claim("exp", exp).fails(IdTokenError::Malformed).await;
    }
    Case::new().claim("nbf", json!("99999999999")).fails(IdTokenError::Malformed).await;
    Case::new().claim("nbf", json!(now + 3600)).fails(IdTokenError::Claim("nbf")).await;
    Case::new().claim("nbf", json!(now + 60)).run().await.unwrap();
    assert_eq!(IdTokenError::Clock.problem().code, Code::ClockWrong);
}

#[tokio::test]
async fn b6_141_142_156_157_nonce_and_at_hash() {
    Case::new().claim("nonce", json!("other")).fails(IdTokenError::Claim("nonce")).await;
    Case::new().without("nonce").fails(IdTokenError::Claim("nonce")).await;
    Case::new().claim("at_hash", json!("wrong")).fails(IdTokenError::Claim("at_hash")).await;
    let hash = b64(&Sha256::digest("at-1")[..16]);
    Case::new().claim("at_hash", json!(hash)).run().await.unwrap();
}

#[tokio::test]
async fn b6_143_to_147_algorithms_come_from_the_server_only() {
    for alg in ["none", "None", "nOnE", "HS256", "ES512", "", "PS256", "ES256"] {
        Case::new().header("alg", json!(alg)).fails(IdTokenError::Algorithm).await;
    }
    // HS256 keyed with the public key, even if the server announced it
    let mut case = Case::new().header("alg", json!("HS256"));
    case.algs = json!(["HS256", "RS256"]);
    case.fails(IdTokenError::Algorithm).await;
    let mut case = Case::new();
    case.algs = json!(["ES256"]);
    case.fails(IdTokenError::Algorithm).await;
    // where the server is silent, RS256
    let mut case = Case::new();
    case.algs = json!(null);
    case.run().await.unwrap();
    for alg in ["ES256", "PS256"] {
        let mut case = Case::new().header("alg", json!(alg));
        case.algs = json!([alg]);
        if alg == "ES256" {
            case.keys = json!([ec_key("a")]);
        }
        case.run().await.unwrap();
    }
}

#[tokio::test]
async fn b6_144_146_158_forms_and_signatures() {
    let (server, provider) = Case::new().server().await;
    let claims = Case::new().claims.to_string().replace("BASE", &server.base);
    let header = json!({ "alg": "RS256", "kid": "a" });
    let forged = sign_text(&header, &claims, &OTHER);
    assert_eq!(check(&provider, &forged).await.unwrap_err(), IdTokenError::Signature);
    let good = sign_text(&header, &claims, &RSA);
    check(&provider, &good).await.unwrap();
    let (signed, signature) = good.expose().rsplit_once('.').unwrap();
    for bad in [
        format!("{signed}."),
        signed.to_owned(),
        format!("{signed}.{signature}."),
        format!("{signed}.{signature}.x"),
        format!("{signed}.{signature}.x.y"),
        String::new(),
        "..".into(),
        "a".repeat(1024 * 1024),
    ] {
        let error = check(&provider, &Secret::new(bad.clone())).await.unwrap_err();
        assert_eq!(error, IdTokenError::Malformed, "{}", &bad[..bad.len().min(40)]);
    }
    for padded in [format!("{signed}=.{signature}"), format!("{signed}.{signature}=")] {
        check(&provider, &Secret::new(padded)).await.unwrap_err();
    }
    let swapped = sign_text(&header, &claims.replace("person-1", "person-2"), &RSA);
    let (swapped, _) = swapped.expose().rsplit_once('.').unwrap();
    let spliced = Secret::new(format!("{swapped}.{signature}"));
    assert_eq!(check(&provider, &spliced).await.unwrap_err(), IdTokenError::Signature);
    let mut doubled = Case::new();
    doubled.text = Some(doubled.claims.to_string().replacen('{', "{\"sub\":\"evil\",", 1));
    doubled.fails(IdTokenError::Malformed).await;
}

#[tokio::test]
async fn b6_153_154_headers_that_point_elsewhere_or_demand_something() {
    let trap = Scripted::start(|_, _| ok(&json!({ "keys": [] }))).await;
    Case::new()
        .header("jku", json!(format!("{}/keys", trap.base)))
        .header("x5u", json!(trap.base))
        .run()
        .await
        .unwrap();
    assert_eq!(trap.count(""), 0);
    Case::new().header("crit", json!(["exp"])).fails(IdTokenError::Critical).await;
    Case::new().header("b64", json!(false)).fails(IdTokenError::Critical).await;
}

#[tokio::test]
async fn b6_149_150_152_155_and_b1_030_keys() {
    // no kid, several keys
    let mut case = Case::new().header("kid", json!(null));
    case.keys = json!([ec_key("e"), rsa_key(&OTHER, "b"), rsa_key(&RSA, "a")]);
    case.run().await.unwrap();
    // the same kid twice, of different kinds; unknown kinds; keys for encryption
    let mut case = Case::new();
    let mut encrypting = rsa_key(&OTHER, "a");
    encrypting["use"] = json!("enc");
    case.keys = json!([ec_key("a"), encrypting, { "kty": "NEW", "kid": "a" }, 7, rsa_key(&RSA, "a")]);
    case.run().await.unwrap();
    // only an encryption key fits
    let mut case = Case::new();
    case.keys = json!([rsa_key(&RSA, "a")]);
    case.keys[0]["use"] = json!("enc");
    case.fails(IdTokenError::Signature).await;
    // weak keys
    for (member, value) in [("e", b64([1])), ("n", b64([0xff; 128]))] {
        let mut case = Case::new();
        case.keys[0][member] = json!(value);
        case.fails(IdTokenError::Signature).await;
    }
    let mut case = Case::new();
    case.keys = json!((0..101).map(|number| rsa_key(&RSA, &number.to_string())).collect::<Vec<_>>());
    case.fails(IdTokenError::KeysUnusable).await;
}

#[tokio::test]
async fn b6_150_an_unknown_key_is_looked_up_once_more() {
    let fetches = Mutex::new(0);
    let (old, new) = (rsa_key(&OTHER, "old"), rsa_key(&RSA, "new"));
    let server = Scripted::start(move |base, asked| {
        if !asked.line.starts_with("GET /jwks") {
            return ok(&description(base));
        }
        let mut fetches = fetches.lock().unwrap();
        *fetches += 1;
        ok(&json!({ "keys": [if *fetches % 2 == 1 { &old } else { &new }] }))
    })
    .await;
    let provider = discover(&Http::new().unwrap(), &registration(&server.base)).await.unwrap();
    let claims = Case::new().claims.to_string().replace("BASE", &server.base);
    let rotated = sign_text(&json!({ "alg": "RS256", "kid": "new" }), &claims, &RSA);
    check(&provider, &rotated).await.unwrap();
    assert_eq!(server.count("GET /jwks"), 2);
    let unknown = sign_text(&json!({ "alg": "RS256", "kid": "never" }), &claims, &RSA);
    assert_eq!(check(&provider, &unknown).await.unwrap_err(), IdTokenError::Signature);
    assert_eq!(server.count("GET /jwks"), 4, "once more, not again and again");
}
