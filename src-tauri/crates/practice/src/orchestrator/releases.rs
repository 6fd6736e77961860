//! `GET /odata/Releases`: the processes of one folder.

use serde_json::json;

use crate::orchestrator::access::Permission;
use crate::orchestrator::refusal::Refusal;
use crate::orchestrator::{Call, Done};

pub(crate) fn list(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::ProcessesView)?;
    let rows = call.store.tenants[call.tenant]
        .releases
        .iter()
        .filter(|release| release.folder == folder.id)
        .map(|release| {
            json!({
                "Key": release.key,
                "Name": release.name,
                "ProcessKey": release.name.replace(' ', "."),
                "ProcessVersion": "1.0.0",
                "Id": release.id,
                "Description": release.description,
                "EntryPointId": release.id,
                "EntryPointPath": "Main.xaml",
                "InputArguments": null,
                "Arguments": { "Input": "[]", "Output": "[]" },
                "ProcessType": "Process",
                "RequiresUserInteraction": false,
                "IsAttended": false,
                "HiddenForAttendedUser": false,
                "JobPriority": "Normal",
                "OrganizationUnitId": folder.id,
                "FolderKey": folder.key,
                "OrganizationUnitFullyQualifiedName": folder.path,
                "TargetFramework": "Portable",
                "SupportsMultipleEntryPoints": false,
                "IsConversational": false,
                "Tags": [],
            })
        })
        .collect();
    call.query.page(call.practice, "Releases", rows).map(Done::Ok)
}
