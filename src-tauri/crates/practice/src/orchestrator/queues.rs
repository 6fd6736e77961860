//! Queues and their items: listing them, and adding one.

use serde_json::{Map, Value, json};

use crate::clock::iso;
use crate::orchestrator::access::Permission;
use crate::orchestrator::data::Tenant;
use crate::orchestrator::refusal::Refusal;
use crate::orchestrator::{Call, Done};

/// Orchestrator's limits, in characters.
const REFERENCE_LIMIT: usize = 128;
const SOURCE_LIMIT: usize = 20;

/// Orchestrator's code for a reference that is there already.
const DUPLICATE_REFERENCE: u32 = 1016;

const ITEM_MEMBERS: [&str; 11] = [
    "Name",
    "Priority",
    "SpecificContent",
    "Reference",
    "DueDate",
    "DeferDate",
    "RiskSlaDate",
    "Progress",
    "Source",
    "ParentOperationId",
    "SpecificData",
];

#[derive(Clone, Debug)]
pub(crate) struct QueueItem {
    id: i64,
    key: String,
    queue: i64,
    folder: i64,
    priority: String,
    reference: Option<String>,
    content: Map<String, Value>,
    due: Value,
    defer: Value,
    created_ms: i64,
}

impl QueueItem {
    pub(crate) fn dto(&self, tenant: &Tenant) -> Value {
        let folder = tenant.folder(self.folder);
        json!({
            "Id": self.id,
            "Key": self.key,
            "QueueDefinitionId": self.queue,
            "Status": "New",
            "ReviewStatus": "None",
            "Priority": self.priority,
            "Reference": self.reference,
            "SpecificContent": self.content,
            "SpecificData": json!({ "DynamicProperties": self.content }).to_string(),
            "Output": null,
            "OutputData": null,
            "Progress": null,
            "ProcessingException": null,
            "ProcessingExceptionType": null,
            "DueDate": self.due,
            "DeferDate": self.defer,
            "StartProcessing": null,
            "EndProcessing": null,
            "RetryNumber": 0,
            "SecondsInPreviousAttempts": 0,
            "AncestorId": null,
            "CreationTime": iso(self.created_ms),
            "OrganizationUnitId": self.folder,
            "OrganizationUnitFullyQualifiedName": folder.map(|folder| folder.path),
        })
    }
}

pub(crate) fn definitions(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::QueuesView)?;
    let rows = call.store.tenants[call.tenant]
        .queues
        .iter()
        .filter(|queue| queue.folder == folder.id)
        .map(|queue| {
            json!({
                "Id": queue.id,
                "Key": queue.key,
                "Name": queue.name,
                "Description": queue.description,
                "MaxNumberOfRetries": 1,
                "AcceptAutomaticallyRetry": true,
                "EnforceUniqueReference": queue.unique_reference,
                "Encrypted": false,
                "SpecificDataJsonSchema": null,
                "OrganizationUnitId": folder.id,
                "OrganizationUnitFullyQualifiedName": folder.path,
                "FoldersCount": 1,
                "Tags": [],
            })
        })
        .collect();
    call.query.page(call.practice, "QueueDefinitions", rows).map(Done::Ok)
}

pub(crate) fn items(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::TransactionsView)?;
    let tenant = &call.store.tenants[call.tenant];
    let rows =
        tenant.items.iter().filter(|item| item.folder == folder.id).map(|item| item.dto(tenant)).collect();
    call.query.page(call.practice, "QueueItems", rows).map(Done::Ok)
}

pub(crate) fn item(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::TransactionsView)?;
    let tenant = &call.store.tenants[call.tenant];
    let id = call.query.key();
    let item = tenant
        .items
        .iter()
        .find(|item| item.id == id && item.folder == folder.id)
        .ok_or_else(|| Refusal::NotFound(format!("QueueItem with id {id} does not exist.")))?;
    Ok(Done::Ok(call.query.entity(call.practice, "QueueItems", item.dto(tenant))))
}

pub(crate) fn add(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::TransactionsCreate)?;
    let body = call.json_body()?;
    let data = body
        .get("itemData")
        .and_then(Value::as_object)
        .ok_or_else(|| Refusal::Invalid("itemData must not be null.".into()))?;
    let new = NewItem::read(data)?;
    let store = &mut *call.store;
    let tenant = &mut store.tenants[call.tenant];
    let queue = tenant
        .queues
        .iter()
        .find(|queue| queue.folder == folder.id && queue.name.eq_ignore_ascii_case(&new.queue))
        .cloned()
        .ok_or_else(|| Refusal::NotFound(format!("{} does not exist.", new.queue)))?;
    let taken = |item: &QueueItem| item.queue == queue.id && item.reference == new.reference;
    if queue.unique_reference {
        if new.reference.is_none() {
            return Err(Refusal::Invalid("This queue wants a unique Reference for each item.".into()));
        }
        if tenant.items.iter().any(taken) {
            let message = "Error creating Transaction. Duplicate Reference.".to_owned();
            return Err(Refusal::Conflict(DUPLICATE_REFERENCE, message));
        }
    }
    let item = QueueItem {
        id: tenant.next_id(),
        key: store.random.guid(),
        queue: queue.id,
        folder: folder.id,
        priority: new.priority,
        reference: new.reference,
        content: new.content,
        due: new.due,
        defer: new.defer,
        created_ms: store.clock.now_ms(),
    };
    let dto = call.query.entity(call.practice, "QueueItems", item.dto(tenant));
    tenant.items.push(item);
    store.stats.queue_items += 1;
    Ok(Done::Created(dto))
}

struct NewItem {
    queue: String,
    priority: String,
    reference: Option<String>,
    content: Map<String, Value>,
    due: Value,
    defer: Value,
}

impl NewItem {
    fn read(data: &Map<String, Value>) -> Result<Self, Refusal> {
        let invalid = |message: String| Err(Refusal::Invalid(message));
        if let Some(unknown) = data.keys().find(|name| !ITEM_MEMBERS.contains(&name.as_str())) {
            return invalid(format!("The property '{unknown}' does not exist on a queue item."));
        }
        let queue = match data.get("Name") {
            Some(Value::String(name)) if !name.is_empty() => name.clone(),
            _ => return invalid("Name must be the name of a queue.".into()),
        };
        let priority = text(data, "Priority", 16)?.unwrap_or_else(|| "Normal".to_owned());
        if !matches!(priority.as_str(), "High" | "Normal" | "Low") {
            return invalid("Priority must be High, Normal or Low.".into());
        }
        text(data, "Source", SOURCE_LIMIT)?;
        text(data, "ParentOperationId", REFERENCE_LIMIT)?;
        let content = match data.get("SpecificContent") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(content)) => content.clone(),
            Some(_) => return invalid("SpecificContent must be an object.".into()),
        };
        if let Some((name, _)) = content.iter().find(|(_, value)| value.is_object() || value.is_array()) {
            return invalid(format!("SpecificContent must be flat, and '{name}' is not."));
        }
        Ok(Self {
            queue,
            priority,
            reference: text(data, "Reference", REFERENCE_LIMIT)?,
            content,
            due: date(data, "DueDate")?,
            defer: date(data, "DeferDate")?,
        })
    }
}

fn text(data: &Map<String, Value>, name: &str, limit: usize) -> Result<Option<String>, Refusal> {
    match data.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= limit => Ok(Some(text.clone())),
        Some(Value::String(_)) => {
            Err(Refusal::Invalid(format!("{name} must have at most {limit} characters.")))
        }
        Some(_) => Err(Refusal::Invalid(format!("{name} must be text."))),
    }
}

fn date(data: &Map<String, Value>, name: &str) -> Result<Value, Refusal> {
    match text(data, name, 64)? {
        None => Ok(Value::Null),
        Some(text) if text.parse::<jiff::Timestamp>().is_ok() => Ok(text.into()),
        Some(_) => Err(Refusal::Invalid(format!("{name} must be a time such as 2026-11-21T08:00:00Z."))),
    }
}
