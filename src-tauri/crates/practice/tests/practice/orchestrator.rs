//! The Orchestrator slice: what it checks and the shapes it answers in.

use serde_json::{Value, json};

use crate::client::{Reply, Tenant};

const INVOICES: (&str, &str) = ("X-UIPATH-FolderPath", "Finance/Invoices");

fn error_code(reply: &Reply) -> i64 {
    assert!(reply.json()["message"].is_string() && reply.json()["traceId"].is_string(), "{reply:?}");
    reply.json()["errorCode"].as_i64().unwrap()
}

fn add_item(tenant: &Tenant, token: &str, folder: (&str, &str), item: &Value) -> Reply {
    let body = json!({ "itemData": item }).to_string();
    tenant.api("POST", "/odata/Queues/UiPathODataSvc.AddQueueItem", token, &[folder], &body)
}

#[test]
fn no_token_bad_token_and_expired_token_are_401_with_a_challenge() {
    let tenant = Tenant::start();
    let path = "/practice/Default/orchestrator_/api/Folders/GetAllForCurrentUser";
    let realm = format!("Bearer realm=\"{}\"", tenant.state.issuer());
    let none = tenant.get(path, &[]);
    assert_eq!((none.status, none.header("www-authenticate"), none.body.as_str()), (401, realm.as_str(), ""));
    let bad = tenant.get(path, &[("Authorization", "Bearer nonsense")]);
    assert_eq!(bad.status, 401);
    assert!(bad.header("www-authenticate").contains("error=\"invalid_token\""));
    let token = tenant.sign_in("pat").access;
    tenant.advance(3599);
    assert_eq!(tenant.folders(&token).status, 200);
    tenant.advance(1);
    let expired = tenant.folders(&token);
    assert_eq!(expired.status, 401);
    assert!(expired.header("www-authenticate").contains("expired"));
    assert_eq!(tenant.stats().api_unauthorized, 3);
}

#[test]
fn token_without_an_orchestrator_scope_has_the_wrong_audience() {
    let tenant = Tenant::start();
    let reply = tenant.folders(&tenant.sign_in_for("pat", "openid profile").access);
    assert_eq!(reply.status, 401);
    assert!(reply.header("www-authenticate").contains("The audience 'UiPath.Orchestrator' is invalid"));
}

#[test]
fn missing_scope_is_403_in_the_abp_shape_and_a_parent_stands_for_its_child() {
    let tenant = Tenant::start();
    let folders_only = tenant.sign_in_for("pat", "OR.Folders.Read").access;
    let refused = tenant.api("GET", "/odata/Jobs", &folders_only, &[INVOICES], "");
    assert_eq!(refused.status, 403);
    let body = refused.json();
    assert_eq!(body["__abp"], true);
    assert_eq!(body["unAuthorizedRequest"], true);
    assert_eq!(body["error"]["message"], "You are not authorized!");
    let parent = tenant.sign_in_for("pat", "OR.Jobs").access;
    assert_eq!(tenant.api("GET", "/odata/Jobs", &parent, &[INVOICES], "").status, 200);
    assert_eq!(tenant.stats().api_forbidden, 1);
}

#[test]
fn folders_are_those_of_the_caller() {
    let tenant = Tenant::start();
    let body = tenant.folders(&tenant.sign_in("pat").access).json();
    assert_eq!(body["Count"], 2);
    assert_eq!(body["PageItems"][1]["FullyQualifiedName"], "Finance/Invoices");
    assert_eq!(body["PageItems"][1]["ParentKey"], body["PageItems"][0]["Key"]);
    assert_eq!(body["PageItems"][1]["FolderType"], "Standard");
    let sam = tenant.sign_in("sam").access;
    assert_eq!(tenant.folders(&sam).json()["PageItems"][0]["DisplayName"], "Shared");
    let page = tenant.api("GET", "/api/Folders/GetAllForCurrentUser?take=1&skip=1", &sam, &[], "");
    assert_eq!(page.json()["PageItems"], json!([]));
    let wide = tenant.api("GET", "/api/Folders/GetAllForCurrentUser?take=1001", &sam, &[], "");
    assert_eq!((wide.status, error_code(&wide)), (400, 1000));
}

#[test]
fn folder_header_missing_is_1101_and_a_wrong_one_1100() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    for path in
        ["/odata/Jobs", "/odata/Releases", "/odata/QueueDefinitions", "/odata/QueueItems", "/odata/Jobs(1)"]
    {
        let missing = tenant.api("GET", path, &token, &[], "");
        assert_eq!((missing.status, error_code(&missing)), (400, 1101), "{path}");
        for wrong in ["Nowhere", "Shared"] {
            let reply = tenant.api("GET", path, &token, &[("X-UIPATH-FolderPath", wrong)], "");
            assert_eq!((reply.status, error_code(&reply)), (400, 1100), "{path} {wrong}");
        }
    }
    let both = [INVOICES, ("X-UIPATH-OrganizationUnitId", "12")];
    assert_eq!(error_code(&tenant.api("GET", "/odata/Jobs", &token, &both, "")), 1000);
}

#[test]
fn each_of_the_four_folder_headers_names_the_folder() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    let folder = tenant.folders(&token).json()["PageItems"][1].clone();
    let id = folder["Id"].to_string();
    let encoded = "RgBpAG4AYQBuAGMAZQAvAEkAbgB2AG8AaQBjAGUAcwA=";
    for header in [
        ("X-UIPATH-OrganizationUnitId", id.as_str()),
        ("x-uipath-folderkey", folder["Key"].as_str().unwrap()),
        INVOICES,
        ("X-UIPATH-FolderPath-Encoded", encoded),
    ] {
        let body = tenant.api("GET", "/odata/Releases", &token, &[header], "").json();
        assert_eq!(body["value"][0]["Name"], "Invoice Intake", "{header:?}");
    }
}

#[test]
fn queue_item_is_added_listed_counted_and_unique() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    let item = json!({ "Name": "Invoices", "Priority": "High", "Reference": "INV-42",
        "SpecificContent": { "Vendor": "ACME", "Amount": 12.5 }, "DueDate": null });
    let added = add_item(&tenant, &token, INVOICES, &item);
    assert_eq!(added.status, 201, "{}", added.body);
    let dto = added.json();
    assert_eq!((dto["Status"].as_str(), dto["Priority"].as_str()), (Some("New"), Some("High")));
    assert_eq!(dto["SpecificContent"]["Amount"], 12.5);
    assert!(dto["@odata.context"].as_str().unwrap().ends_with("#QueueItems/$entity"));
    let again = add_item(&tenant, &token, INVOICES, &item);
    assert_eq!(again.status, 409);
    let listed = tenant.api("GET", "/odata/QueueItems?$count=true", &token, &[INVOICES], "").json();
    assert_eq!(listed["@odata.count"], 1);
    assert_eq!(listed["value"][0]["Id"], dto["Id"]);
    let one = tenant.api("GET", &format!("/odata/QueueItems({})", dto["Id"]), &token, &[INVOICES], "");
    assert_eq!(one.json()["Reference"], "INV-42");
    let elsewhere = tenant.api("GET", "/odata/QueueItems", &token, &[("X-UIPATH-FolderPath", "Finance")], "");
    assert_eq!(elsewhere.json()["value"], json!([]));
    assert_eq!(tenant.stats().queue_items, 1);
}

#[test]
fn queue_item_that_makes_no_sense_is_refused() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    for item in [
        json!(null),
        json!({ "Name": "" }),
        json!({ "Name": "Invoices", "Reference": "x".repeat(129) }),
        json!({ "Name": "Invoices", "Reference": "r", "Priority": "Urgent" }),
        json!({ "Name": "Invoices", "Reference": "r", "SpecificContent": { "nested": {} } }),
        json!({ "Name": "Invoices", "Reference": "r", "DueDate": "tomorrow" }),
        json!({ "Name": "Invoices", "Reference": "r", "Colour": "red" }),
    ] {
        let reply = add_item(&tenant, &token, INVOICES, &item);
        assert_eq!((reply.status, error_code(&reply)), (400, 1000), "{item}");
    }
    let unknown = add_item(&tenant, &token, INVOICES, &json!({ "Name": "Nothing", "Reference": "r" }));
    assert_eq!((unknown.status, error_code(&unknown)), (404, 1002));
    let reply = tenant.api("POST", "/odata/Queues/UiPathODataSvc.AddQueueItem", &token, &[INVOICES], "{");
    assert_eq!(error_code(&reply), 1000);
    assert_eq!(tenant.stats().queue_items, 0);
}

#[test]
fn sam_may_look_and_not_add() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("sam").access;
    let shared = ("X-UIPATH-FolderPath", "Shared");
    let queues = tenant.api("GET", "/odata/QueueDefinitions", &token, &[shared], "").json();
    assert_eq!(queues["value"][0]["Name"], "Requests");
    let refused = add_item(&tenant, &token, shared, &json!({ "Name": "Requests" }));
    assert_eq!((refused.status, refused.json()["__abp"].as_bool()), (403, Some(true)));
    let start = json!({ "startInfo": { "ReleaseName": "Say Hello" } }).to_string();
    let path = "/odata/Jobs/UiPath.Server.Configuration.OData.StartJobs";
    assert_eq!(tenant.api("POST", path, &token, &[shared], &start).status, 403);
}

fn start(tenant: &Tenant, token: &str, folder: (&str, &str), info: &Value) -> Reply {
    let body = json!({ "startInfo": info }).to_string();
    tenant.api("POST", "/odata/Jobs/UiPath.Server.Configuration.OData.StartJobs", token, &[folder], &body)
}

#[test]
fn job_goes_from_pending_to_successful_by_the_practice_clock() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    let releases = tenant.api(
        "GET",
        "/odata/Releases?$filter=Name eq 'Invoice Intake'".replace(' ', "%20").as_str(),
        &token,
        &[INVOICES],
        "",
    );
    let key = releases.json()["value"][0]["Key"].clone();
    let info = json!({ "ReleaseKey": key, "Strategy": "ModernJobsCount", "JobsCount": 1,
        "InputArguments": "{\"in_Invoice\":\"42\"}", "Reference": "attendant-1" });
    let started = start(&tenant, &token, INVOICES, &info);
    assert_eq!(started.status, 201, "{}", started.body);
    let job = started.json()["value"][0].clone();
    assert_eq!(job["State"], "Pending");
    assert_eq!(job["Reference"], "attendant-1");
    let watch = || {
        let path = format!("/odata/Jobs({})?$select=State,OutputArguments,EndTime", job["Id"]);
        tenant.api("GET", &path, &token, &[INVOICES], "").json()
    };
    tenant.advance(2);
    assert_eq!(watch()["State"], "Running");
    assert_eq!(watch()["EndTime"], Value::Null);
    tenant.advance(4);
    assert_eq!(watch()["State"], "Successful");
    assert!(watch()["OutputArguments"].as_str().unwrap().starts_with('{'));
    assert!(watch().get("Key").is_none(), "$select");
}

#[test]
fn job_can_fault_and_can_be_stopped() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    let finance = ("X-UIPATH-FolderPath", "Finance");
    let broken = start(&tenant, &token, finance, &json!({ "ReleaseName": "Broken Report", "JobsCount": 2 }));
    let ids: Vec<String> =
        broken.json()["value"].as_array().unwrap().iter().map(|job| job["Id"].to_string()).collect();
    let stop = |id: &str| {
        let path = format!("/odata/Jobs({id})/UiPath.Server.Configuration.OData.StopJob");
        tenant.api("POST", &path, &token, &[finance], "{\"strategy\":\"SoftStop\"}").status
    };
    assert_eq!(stop(&ids[0]), 204);
    tenant.advance(10);
    let jobs = tenant.api("GET", "/odata/Jobs?$orderby=Id", &token, &[finance], "").json();
    assert_eq!(jobs["value"][0]["State"], "Stopped");
    assert_eq!(jobs["value"][1]["State"], "Faulted");
    assert_eq!(jobs["value"][1]["JobError"]["category"], "User");
    assert_eq!(stop(&ids[1]), 409);
    let gone = tenant.api("GET", "/odata/Jobs(7)", &token, &[finance], "");
    assert_eq!((gone.status, error_code(&gone)), (404, 1002));
}

#[test]
fn start_info_is_checked() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    for info in [
        json!(null),
        json!({ "ReleaseName": "Invoice Intake", "InputArguments": { "not": "a string" } }),
        json!({ "ReleaseName": "Invoice Intake", "InputArguments": "[]" }),
        json!({ "ReleaseName": "Invoice Intake", "Strategy": "Whatever" }),
        json!({ "ReleaseName": "Invoice Intake", "JobsCount": 0 }),
    ] {
        assert_eq!(error_code(&start(&tenant, &token, INVOICES, &info)), 1000, "{info}");
    }
    assert_eq!(start(&tenant, &token, INVOICES, &json!({ "ReleaseName": "Month End Report" })).status, 404);
    assert_eq!(tenant.stats().jobs_started, 0);
}

#[test]
fn tenants_hold_different_things_and_unknown_ones_are_404() {
    let tenant = Tenant::start();
    let bearer = format!("Bearer {}", tenant.sign_in("pat").access);
    let headers = [("Authorization", bearer.as_str())];
    let folders = |name: &str| {
        tenant.get(&format!("/practice/{name}/orchestrator_/api/Folders/GetAllForCurrentUser"), &headers)
    };
    assert_ne!(folders("Default").json()["PageItems"][0]["Id"], folders("Test").json()["PageItems"][0]["Id"]);
    let unknown = folders("Nowhere");
    assert_eq!((unknown.status, unknown.header("content-type")), (404, "text/html; charset=utf-8"));
    assert_eq!(tenant.get("/other/Default/orchestrator_/odata/Jobs", &headers).status, 404);
    assert_eq!(tenant.get("/practice/Default/orchestrator_/odata/Robots", &headers).status, 404);
    let path = "/practice/Default/orchestrator_/odata/Jobs/UiPath.Server.Configuration.OData.StartJobs";
    assert_eq!(tenant.get(path, &headers).status, 405);
    let version = tenant.get("/practice/Default/orchestrator_/api/status/version", &[]).json();
    assert_eq!(version["deployment"], "ServiceFabric");
}

#[test]
fn current_user_and_assets() {
    let tenant = Tenant::start();
    let token = tenant.sign_in_for("pat", "OR.Users.Read OR.Assets.Read").access;
    let path = "/odata/Users/UiPath.Server.Configuration.OData.GetCurrentUser";
    let user = tenant.api("GET", path, &token, &[], "").json();
    assert_eq!(user["EmailAddress"], "pat.practice@example.test");
    assert_eq!(user["TenancyName"], "Default");
    let path = "/odata/Assets/UiPath.Server.Configuration.OData.GetFiltered?$filter=Name%20eq%20'VendorApi'";
    let assets = tenant.api("GET", path, &token, &[INVOICES], "").json();
    assert_eq!(assets["value"][0]["StringValue"], "https://vendor.example.test/api");
}

#[test]
fn odata_that_is_not_understood_is_refused_and_not_ignored() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    for query in [
        "$top=1001",
        "$filter=contains(Name,'x')",
        "$expand=Robot",
        "$filter=Nam%20eq%20'x'",
        "$top=1&$top=2",
        "$orderby=Id%20up",
    ] {
        let reply = tenant.api("GET", &format!("/odata/Releases?{query}"), &token, &[INVOICES], "");
        assert_eq!((reply.status, error_code(&reply)), (400, 1000), "{query}");
    }
}
