//! Jobs: started by a call, then moved from Pending to Running to their end by the practice clock alone.

use serde_json::{Value, json};

use crate::clock::iso;
use crate::orchestrator::access::Permission;
use crate::orchestrator::data::{Folder, Release};
use crate::orchestrator::refusal::Refusal;
use crate::orchestrator::{Call, Done};

/// Milliseconds after its creation at which a job starts to run, and at which it ends.
const RUNS_AFTER_MS: i64 = 2_000;
const ENDS_AFTER_MS: i64 = 6_000;

/// Orchestrator's limits, in characters.
const ARGUMENTS_LIMIT: usize = 10_000;
const REFERENCE_LIMIT: usize = 128;
/// More at once is refused.
const COUNT_LIMIT: i64 = 10;

#[derive(Clone, Debug)]
pub(crate) struct Job {
    id: i64,
    key: String,
    folder: Folder,
    release: Release,
    created_ms: i64,
    stopped_ms: Option<i64>,
    input: Option<String>,
    reference: Option<String>,
}

impl Job {
    fn state(&self, now_ms: i64) -> &'static str {
        let ends = self.created_ms + ENDS_AFTER_MS;
        match self.stopped_ms {
            Some(_) => "Stopped",
            None if now_ms < self.created_ms + RUNS_AFTER_MS => "Pending",
            None if now_ms < ends => "Running",
            None if self.release.faults => "Faulted",
            None => "Successful",
        }
    }

    fn dto(&self, now_ms: i64) -> Value {
        let state = self.state(now_ms);
        let started = self.created_ms + RUNS_AFTER_MS;
        let ended = self.stopped_ms.unwrap_or(self.created_ms + ENDS_AFTER_MS);
        let over = matches!(state, "Successful" | "Faulted" | "Stopped");
        let when = |ms: i64, reached: bool| reached.then(|| iso(ms));
        let error = (state == "Faulted").then(|| {
            json!({
                "code": "Robot",
                "title": "The practice process failed on purpose",
                "detail": "This process always fails, to show what that looks like.",
                "category": "User",
                "status": null,
                "timestamp": iso(ended),
            })
        });
        json!({
            "Id": self.id,
            "Key": self.key,
            "State": state,
            "SubState": null,
            "StartTime": when(started, now_ms >= started && self.stopped_ms.is_none_or(|at| at >= started)),
            "EndTime": when(ended, over),
            "CreationTime": iso(self.created_ms),
            "LastModificationTime": when(ended, over),
            "Info": error.as_ref().map(|_| "This process always fails, to show what that looks like."),
            "InputArguments": self.input,
            "OutputArguments": (state == "Successful").then_some("{\"out_Message\":\"done, in practice\"}"),
            "InputFile": null,
            "OutputFile": null,
            "ReleaseName": self.release.name,
            "HostMachineName": when(0, now_ms >= started).map(|_| "PRACTICE"),
            "Type": "Unattended",
            "RuntimeType": "Unattended",
            "Source": "Manual",
            "SourceType": "ExternalApplication",
            "Reference": self.reference,
            "OrganizationUnitId": self.folder.id,
            "OrganizationUnitFullyQualifiedName": self.folder.path,
            "FolderKey": self.folder.key,
            "JobError": error,
            "ErrorCode": (state == "Faulted").then_some("Robot"),
            "ParentJobKey": null,
            "ProcessType": "Process",
            "StopStrategy": null,
        })
    }
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::JobsView)?;
    let now = call.store.clock.now_ms();
    let jobs = &call.store.tenants[call.tenant].jobs;
    let rows = jobs.iter().filter(|job| job.folder.id == folder.id).map(|job| job.dto(now)).collect();
    call.query.page(call.practice, "Jobs", rows).map(Done::Ok)
}

pub(crate) fn one(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::JobsView)?;
    let now = call.store.clock.now_ms();
    let id = call.query.key();
    let job = call.store.tenants[call.tenant]
        .jobs
        .iter()
        .find(|job| job.id == id && job.folder.id == folder.id)
        .ok_or_else(|| Refusal::NotFound(format!("Job with id {id} does not exist.")))?;
    Ok(Done::Ok(call.query.entity(call.practice, "Jobs", job.dto(now))))
}

pub(crate) fn start(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::JobsCreate)?;
    let body = call.json_body()?;
    let info = body
        .get("startInfo")
        .and_then(Value::as_object)
        .ok_or_else(|| Refusal::Invalid("startInfo must not be null.".into()))?;
    let text = |name: &str| info.get(name).and_then(Value::as_str);
    let strategy = text("Strategy").unwrap_or("ModernJobsCount");
    if !matches!(strategy, "All" | "Specific" | "RobotCount" | "JobsCount" | "ModernJobsCount") {
        return Err(Refusal::Invalid(format!("The value '{strategy}' is not valid for Strategy.")));
    }
    let count = info.get("JobsCount").and_then(Value::as_i64).unwrap_or(1);
    if !(1..=COUNT_LIMIT).contains(&count) {
        return Err(Refusal::Invalid(format!("JobsCount must be between 1 and {COUNT_LIMIT}.")));
    }
    let input = input_arguments(info.get("InputArguments"))?;
    let reference = text("Reference").map(String::from);
    if reference.as_ref().is_some_and(|reference| reference.chars().count() > REFERENCE_LIMIT) {
        return Err(Refusal::Invalid(format!("Reference must have at most {REFERENCE_LIMIT} characters.")));
    }
    let (key, name) = (text("ReleaseKey"), text("ReleaseName"));
    let store = &mut *call.store;
    let tenant = &mut store.tenants[call.tenant];
    let release = tenant
        .releases
        .iter()
        .filter(|release| release.folder == folder.id)
        .find(|release| match (key, name) {
            (Some(key), _) => release.key.eq_ignore_ascii_case(key),
            (None, Some(name)) => release.name.eq_ignore_ascii_case(name),
            (None, None) => false,
        })
        .cloned()
        .ok_or_else(|| Refusal::NotFound("The process does not exist in this folder.".into()))?;
    let now = store.clock.now_ms();
    let mut started = Vec::new();
    for _ in 0..count {
        let job = Job {
            id: tenant.next_id(),
            key: store.random.guid(),
            folder: folder.clone(),
            release: release.clone(),
            created_ms: now,
            stopped_ms: None,
            input: input.clone(),
            reference: reference.clone(),
        };
        started.push(job.dto(now));
        tenant.jobs.push(job);
        store.stats.jobs_started += 1;
    }
    Ok(Done::Created(json!({
        "@odata.context": format!("{}/odata/$metadata#Jobs", call.practice.base()),
        "value": started,
    })))
}

/// A string that holds a JSON object, which is what clients get wrong most often.
fn input_arguments(given: Option<&Value>) -> Result<Option<String>, Refusal> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() > ARGUMENTS_LIMIT => {
            Err(Refusal::Invalid(format!("InputArguments must have at most {ARGUMENTS_LIMIT} characters.")))
        }
        Some(Value::String(text))
            if serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object()) =>
        {
            Ok(Some(text.clone()))
        }
        Some(_) => Err(Refusal::Invalid("InputArguments must be a string that holds a JSON object.".into())),
    }
}

pub(crate) fn stop(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::JobsCreate)?;
    let body = call.json_body()?;
    let strategy = body.get("strategy").and_then(Value::as_str).unwrap_or_default();
    if !matches!(strategy, "SoftStop" | "Kill") {
        return Err(Refusal::Invalid("strategy must be SoftStop or Kill.".into()));
    }
    let now = call.store.clock.now_ms();
    let id = call.query.key();
    let job = call.store.tenants[call.tenant]
        .jobs
        .iter_mut()
        .find(|job| job.id == id && job.folder.id == folder.id)
        .ok_or_else(|| Refusal::NotFound(format!("Job with id {id} does not exist.")))?;
    if !matches!(job.state(now), "Pending" | "Running") {
        return Err(Refusal::Conflict(1670, "The job is over and cannot be stopped.".into()));
    }
    job.stopped_ms = Some(now);
    Ok(Done::NoContent)
}
