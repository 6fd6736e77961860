//! What is in the practice tenants at the start: folders with members, processes, queues, assets.

use serde_json::Value;

use crate::orchestrator::access::Role;
use crate::orchestrator::jobs::Job;
use crate::orchestrator::queues::QueueItem;
use crate::random::fixed_guid;

/// The tenants; the first is the default.
pub(crate) const TENANTS: [&str; 2] = ["Default", "Test"];

#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) name: &'static str,
    /// The fully qualified name.
    pub(crate) path: &'static str,
    pub(crate) parent: Option<i64>,
    members: &'static [(&'static str, Role)],
}

impl Folder {
    pub(crate) fn role_of(&self, user: &str) -> Option<Role> {
        self.members.iter().find(|(member, _)| *member == user).map(|(_, role)| *role)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) folder: i64,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    /// Its jobs end in state `Faulted`.
    pub(crate) faults: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct QueueDefinition {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) folder: i64,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) unique_reference: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Asset {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) folder: i64,
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
}

#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) name: &'static str,
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) folders: Vec<Folder>,
    pub(crate) releases: Vec<Release>,
    pub(crate) queues: Vec<QueueDefinition>,
    pub(crate) assets: Vec<Asset>,
    pub(crate) items: Vec<QueueItem>,
    pub(crate) jobs: Vec<Job>,
    last_id: i64,
}

const FINANCE: &[(&str, Role)] = &[("pat", Role::AutomationUser)];
const SHARED: &[(&str, Role)] = &[("sam", Role::Viewer)];

impl Tenant {
    pub(crate) fn all(seed: u64) -> Vec<Self> {
        vec![Self::new(seed, TENANTS[0], 1), Self::new(seed, TENANTS[1], 2)]
    }

    /// Both tenants hold the same things under different ids, so that a call to the wrong one is noticed.
    fn new(seed: u64, name: &'static str, id: i64) -> Self {
        let key = |label: &str| fixed_guid(seed, &format!("{name} {label}"));
        let (finance, invoices, shared) = (id * 10 + 1, id * 10 + 2, id * 10 + 3);
        let folder =
            |id, name, path, parent, members| Folder { id, key: key(path), name, path, parent, members };
        let release = |number, folder, name, description, faults| Release {
            id: id * 100 + number,
            key: key(name),
            folder,
            name,
            description,
            faults,
        };
        let queue = |number, folder, name, description, unique_reference| QueueDefinition {
            id: id * 1000 + number,
            key: key(name),
            folder,
            name,
            description,
            unique_reference,
        };
        let asset = |number, folder, name, value| Asset {
            id: id * 2000 + number,
            key: key(name),
            folder,
            name,
            value,
        };
        Self {
            name,
            id,
            key: key("tenant"),
            folders: vec![
                folder(finance, "Finance", "Finance", None, FINANCE),
                folder(invoices, "Invoices", "Finance/Invoices", Some(finance), FINANCE),
                folder(shared, "Shared", "Shared", None, SHARED),
            ],
            releases: vec![
                release(1, finance, "Month End Report", "Collects the month's figures.", false),
                release(2, finance, "Broken Report", "Always fails, to show what that looks like.", true),
                release(3, invoices, "Invoice Intake", "Reads invoices and queues them.", false),
                release(4, shared, "Say Hello", "Says hello.", false),
            ],
            queues: vec![
                queue(1, finance, "Reminders", "Payment reminders to send.", false),
                queue(2, invoices, "Invoices", "Invoices to post. One item per reference.", true),
                queue(3, shared, "Requests", "Anything else.", false),
            ],
            assets: vec![
                asset(1, finance, "ReportFolder", "/srv/reports"),
                asset(2, invoices, "VendorApi", "https://vendor.example.test/api"),
            ],
            items: Vec::new(),
            jobs: Vec::new(),
            last_id: id * 1_000_000,
        }
    }

    /// Name, GUID or number, as Orchestrator allows in the path.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.key.eq_ignore_ascii_case(name)
    }

    pub(crate) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn folder(&self, id: i64) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.id == id)
    }

    /// For the control command `queue_items`.
    pub(crate) fn all_queue_items(&self) -> Vec<Value> {
        self.items
            .iter()
            .map(|item| {
                let mut dto = item.dto(self);
                if let Some(members) = dto.as_object_mut() {
                    members.insert("Tenant".into(), self.name.into());
                }
                dto
            })
            .collect()
    }
}
