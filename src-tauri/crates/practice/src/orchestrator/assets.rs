//! `GET /odata/Assets/…GetFiltered`: the text assets of one folder. There are no secret ones here.

use serde_json::json;

use crate::orchestrator::access::Permission;
use crate::orchestrator::refusal::Refusal;
use crate::orchestrator::{Call, Done};

pub(crate) fn filtered(call: &mut Call<'_>) -> Result<Done, Refusal> {
    let folder = call.folder(Permission::AssetsView)?;
    let rows = call.store.tenants[call.tenant]
        .assets
        .iter()
        .filter(|asset| asset.folder == folder.id)
        .map(|asset| {
            json!({
                "Id": asset.id,
                "Key": asset.key,
                "Name": asset.name,
                "ValueScope": "Global",
                "ValueType": "Text",
                "Value": asset.value,
                "StringValue": asset.value,
                "BoolValue": false,
                "IntValue": 0,
                "CredentialUsername": "",
                "CanBeDeleted": true,
                "HasDefaultValue": true,
                "Description": null,
            })
        })
        .collect();
    call.query.page(call.practice, "Assets", rows).map(Done::Ok)
}
