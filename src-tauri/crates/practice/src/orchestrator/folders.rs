//! `GET /api/Folders/GetAllForCurrentUser`: the folders the caller has a role in.

use serde_json::{Value, json};

use crate::orchestrator::refusal::Refusal;
use crate::orchestrator::{Call, Done};

pub(crate) fn all_for_current_user(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let take = call.query.plain_number("take")?.unwrap_or(100);
    let skip = call.query.plain_number("skip")?.unwrap_or(0);
    if take > 1000 {
        return Err(Refusal::Invalid("The field take must be between 0 and 1000.".into()));
    }
    let tenant = &call.store.tenants[call.tenant];
    let mine: Vec<_> =
        tenant.folders.iter().filter(|folder| folder.role_of(call.caller.user.key).is_some()).collect();
    let page: Vec<Value> = mine
        .iter()
        .skip(skip)
        .take(take)
        .map(|folder| {
            let parent = folder.parent.and_then(|id| tenant.folder(id));
            json!({
                "Key": folder.key,
                "DisplayName": folder.name,
                "FullyQualifiedName": folder.path,
                "Description": null,
                "FolderType": "Standard",
                "ParentId": folder.parent,
                "ParentKey": parent.map(|parent| parent.key.as_str()),
                "Id": folder.id,
            })
        })
        .collect();
    Ok(Done::Ok(json!({ "PageItems": page, "Count": mine.len() })))
}
