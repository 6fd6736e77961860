//! `GET /odata/Users/…GetCurrentUser`: who the caller is in Orchestrator.

use serde_json::json;

use crate::orchestrator::refusal::Refusal;
use crate::orchestrator::{Call, Done};

pub(crate) fn current(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let user = &call.caller.user;
    let tenant = &call.store.tenants[call.tenant];
    let Some(number) = call.practice.world().users.iter().position(|known| known.key == user.key) else {
        return Ok(Done::NoContent);
    };
    Ok(Done::Ok(json!({
        "@odata.context": format!("{}/odata/$metadata#Users/$entity", call.practice.base()),
        "Id": tenant.id * 500 + i64::try_from(number).unwrap_or_default(),
        "Key": user.subject,
        "UserName": user.email,
        "FullName": user.name(),
        "Name": user.first,
        "Surname": user.last,
        "EmailAddress": user.email,
        "IsActive": true,
        "TenancyName": tenant.name,
        "TenantDisplayName": tenant.name,
        "TenantKey": tenant.key,
        "TenantId": tenant.id,
        "Type": "DirectoryUser",
        "RolesList": ["Automation User"],
        "LicenseType": "Attended",
        "MayHaveUserSession": true,
        "MayHaveRobotSession": true,
        "MayHavePersonalWorkspace": false,
    })))
}
