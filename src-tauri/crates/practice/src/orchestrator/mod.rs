//! A slice of Orchestrator that answers in Orchestrator's own shapes and checks what Orchestrator checks, in its order:
//! bearer, scope, folder header, role.

pub(crate) mod access;
mod assets;
pub(crate) mod data;
mod folders;
mod jobs;
mod odata;
mod queues;
mod refusal;
mod releases;
mod users;

use axum::body::Bytes;
use axum::extract::{self, Path};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::orchestrator::access::{Caller, Permission};
use crate::orchestrator::odata::Query;
use crate::orchestrator::refusal::Refusal;
use crate::pages;
use crate::seed::ORGANIZATION;
use crate::state::{State, Store};

/// One call that passed bearer and scope.
pub(crate) struct Call<'a> {
    pub(crate) practice: &'a State,
    pub(crate) store: &'a mut Store,
    /// Index into [`Store::tenants`].
    pub(crate) tenant: usize,
    pub(crate) caller: Caller,
    pub(crate) query: Query,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Call<'_> {
    /// The folder the header names, in which the caller has `permission`.
    fn folder(&self, permission: Permission) -> Result<data::Folder, Refusal> {
        access::folder(&self.store.tenants[self.tenant], &self.caller, self.headers, permission)
    }

    fn json_body(&self) -> Result<Value, Refusal> {
        serde_json::from_slice(self.body)
            .map_err(|_| Refusal::Invalid("The request body is not JSON.".into()))
    }
}

/// What a call is answered with when nothing is wrong.
pub(crate) enum Done {
    Ok(Value),
    Created(Value),
    NoContent,
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        match self {
            Self::Ok(body) => axum::Json(body).into_response(),
            Self::Created(body) => (StatusCode::CREATED, axum::Json(body)).into_response(),
            Self::NoContent => StatusCode::NO_CONTENT.into_response(),
        }
    }
}

type Handler = fn(&mut Call<'_>) -> Result<Done, Refusal>;

/// What a path needs before its handler runs.
struct Operation {
    /// Without `.Read` or `.Write`: the parent, which stands for both here.
    scope: &'static str,
    write: bool,
    handler: Handler,
}

/// `(resource, key)` of `Jobs(12)`, or the whole segment and no key.
fn keyed(segment: &str) -> (&str, Option<i64>) {
    match segment.strip_suffix(')').and_then(|s| s.split_once('(')) {
        Some((resource, key)) => (resource, key.parse().ok()),
        None => (segment, None),
    }
}

/// The operation at `path`, and the key in it.
fn operation(method: &Method, path: &str) -> Result<(Operation, Option<i64>), Refusal> {
    let (head, tail) =
        path.strip_prefix("odata/").map_or((path, ""), |rest| rest.split_once('/').unwrap_or((rest, "")));
    let (resource, key) = keyed(head);
    let read = |scope, handler| (Method::GET, Operation { scope, write: false, handler });
    let write = |scope, handler| (Method::POST, Operation { scope, write: true, handler });
    let (needed, found): (Method, Operation) = match (resource, key.is_some(), tail) {
        ("api/Folders/GetAllForCurrentUser", false, "") => read("OR.Folders", folders::all_for_current_user),
        ("Releases", false, "") => read("OR.Execution", releases::list),
        ("Jobs", false, "") => read("OR.Jobs", jobs::list),
        ("Jobs", true, "") => read("OR.Jobs", jobs::one),
        ("Jobs", false, "UiPath.Server.Configuration.OData.StartJobs") => write("OR.Jobs", jobs::start),
        ("Jobs", true, "UiPath.Server.Configuration.OData.StopJob") => write("OR.Jobs", jobs::stop),
        ("QueueDefinitions", false, "") => read("OR.Queues", queues::definitions),
        ("QueueItems", false, "") => read("OR.Queues", queues::items),
        ("QueueItems", true, "") => read("OR.Queues", queues::item),
        ("Queues", false, "UiPathODataSvc.AddQueueItem") => write("OR.Queues", queues::add),
        ("Assets", false, "UiPath.Server.Configuration.OData.GetFiltered") => {
            read("OR.Assets", assets::filtered)
        }
        ("Users", false, "UiPath.Server.Configuration.OData.GetCurrentUser") => {
            read("OR.Users", users::current)
        }
        _ => return Err(Refusal::NoSuchAddress),
    };
    if needed == *method { Ok((found, key)) } else { Err(Refusal::WrongMethod) }
}

/// The parts of a request that decide what is called.
struct Incoming<'a> {
    method: &'a Method,
    /// Below `orchestrator_/`, decoded.
    path: &'a str,
    query: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

pub(crate) async fn call(
    extract::State(practice): extract::State<State>,
    Path((organization, tenant, path)): Path<(String, String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut guard = practice.lock();
    let store = &mut *guard;
    let known = store.tenants.iter().position(|known| known.is_named(&tenant));
    let ours =
        organization.eq_ignore_ascii_case(ORGANIZATION) || organization == practice.world().organization_id;
    let Some(tenant) = known.filter(|_| ours) else {
        return pages::nothing_here(practice.base());
    };
    // The one call that needs nobody to be signed in.
    if method == Method::GET && path.eq_ignore_ascii_case("api/status/version") {
        return axum::Json(json!({ "version": "25.10.0-practice", "deployment": "ServiceFabric" }))
            .into_response();
    }
    let query = uri.query().unwrap_or_default();
    let incoming = Incoming { method: &method, path: &path, query, headers: &headers, body: &body };
    match answer(&practice, store, tenant, &incoming) {
        Ok(done) => done.into_response(),
        Err(refusal) => {
            match &refusal {
                Refusal::Unauthorized(_) => store.stats.api_unauthorized += 1,
                Refusal::Forbidden => store.stats.api_forbidden += 1,
                Refusal::FolderMissing
                | Refusal::FolderUnknown
                | Refusal::Invalid(_)
                | Refusal::NotFound(_)
                | Refusal::Conflict(..)
                | Refusal::NoSuchAddress
                | Refusal::WrongMethod => {}
            }
            refusal.answer(&practice.issuer(), &store.random.guid())
        }
    }
}

fn answer(
    practice: &State,
    store: &mut Store,
    tenant: usize,
    incoming: &Incoming<'_>,
) -> Result<Done, Refusal> {
    let (operation, key) = operation(incoming.method, incoming.path)?;
    let caller = access::caller(store, practice.world(), incoming.headers)?;
    caller.needs(operation.scope, operation.write)?;
    let query = Query::parse(incoming.query, key)?;
    store.stats.api_calls += 1;
    let (headers, body) = (incoming.headers, incoming.body);
    (operation.handler)(&mut Call { practice, store, tenant, caller, query, headers, body })
}
