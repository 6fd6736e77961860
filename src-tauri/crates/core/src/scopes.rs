//! Scopes as data: what each lets a program do, in plain words, and how they relate.
//!
//! The catalogue is for labels and advice only. A name that is missing here is as good as any other: older and newer
//! servers know other scopes, and the server decides.

/// Exact name → what it lets a program do, as it stands beside the name in the window.
const WORDS: &[(&str, &str)] = &[
    // Orchestrator; names from its API description
    ("OR.Administration", "See and change tenant settings and storage buckets"),
    ("OR.Administration.Read", "See tenant settings and storage buckets"),
    ("OR.Administration.Write", "Change tenant settings and storage buckets"),
    ("OR.Analytics", "See and change analytics"),
    ("OR.Analytics.Read", "See analytics"),
    ("OR.Analytics.Write", "Change analytics"),
    ("OR.Assets", "Read and change assets, with their values"),
    ("OR.Assets.Read", "Read assets, with their values"),
    ("OR.Assets.Write", "Add and change assets"),
    ("OR.Audit", "Read and add to the audit log"),
    ("OR.Audit.Read", "Read the audit log"),
    ("OR.Audit.Write", "Add to the audit log"),
    ("OR.AutomationSolutions.Access", "Use solutions"),
    ("OR.BackgroundTasks", "See and change background tasks"),
    ("OR.BackgroundTasks.Read", "See background tasks"),
    ("OR.BackgroundTasks.Write", "Change background tasks"),
    ("OR.Buckets", "Read and change files in storage buckets"),
    ("OR.Buckets.Read", "Read files in storage buckets"),
    ("OR.Buckets.Write", "Add and change files in storage buckets"),
    ("OR.BusinessRules", "See and change business rules"),
    ("OR.BusinessRules.Read", "See business rules"),
    ("OR.BusinessRules.Write", "Add and change business rules"),
    ("OR.Default", "Everything your roles give, in every folder"),
    ("OR.Execution", "See and change processes and packages"),
    ("OR.Execution.Read", "See the processes in them"),
    ("OR.Execution.Write", "Change processes and packages"),
    ("OR.Folders", "See and change folders"),
    ("OR.Folders.Read", "See which folders you have"),
    ("OR.Folders.Write", "Add and change folders"),
    ("OR.Hypervisor", "See and change robot pools"),
    ("OR.Hypervisor.Read", "See robot pools"),
    ("OR.Hypervisor.Write", "Change robot pools"),
    ("OR.Jobs", "See, start and stop jobs"),
    ("OR.Jobs.Read", "See jobs and triggers"),
    ("OR.Jobs.Write", "Start and stop jobs, change triggers"),
    ("OR.License", "See and change licences"),
    ("OR.License.Read", "See licences"),
    ("OR.License.Write", "Change licences"),
    ("OR.ML", "See and change ML skills"),
    ("OR.ML.Read", "See ML skills"),
    ("OR.ML.Write", "Change ML skills"),
    ("OR.Machines", "See and change machines and their secrets"),
    ("OR.Machines.Read", "See machines"),
    ("OR.Machines.Write", "Add and change machines and their secrets"),
    ("OR.Monitoring", "See and change robot logs and alerts"),
    ("OR.Monitoring.Read", "See robot logs and alerts"),
    ("OR.Monitoring.Write", "Add robot logs, change alerts"),
    ("OR.Queues", "See, add and change queues and their items"),
    ("OR.Queues.Read", "See queues and their items"),
    ("OR.Queues.Write", "Add and change queue items"),
    ("OR.Robots", "See and change robots"),
    ("OR.Robots.Read", "See robots"),
    ("OR.Robots.Write", "Add and change robots"),
    ("OR.Settings", "See and change settings and calendars"),
    ("OR.Settings.Read", "See settings and calendars"),
    ("OR.Settings.Write", "Change settings and calendars"),
    ("OR.Tasks", "See and complete your tasks"),
    ("OR.Tasks.Read", "See your tasks"),
    ("OR.Tasks.Write", "Complete and change your tasks"),
    ("OR.TestDataQueues", "See and change test data"),
    ("OR.TestDataQueues.Read", "See test data"),
    ("OR.TestDataQueues.Write", "Add and change test data"),
    ("OR.TestSetExecutions", "See and start test runs"),
    ("OR.TestSetExecutions.Read", "See test runs"),
    ("OR.TestSetExecutions.Write", "Start and stop test runs"),
    ("OR.TestSetSchedules", "See and change test schedules"),
    ("OR.TestSetSchedules.Read", "See test schedules"),
    ("OR.TestSetSchedules.Write", "Add and change test schedules"),
    ("OR.TestSets", "See and change test sets"),
    ("OR.TestSets.Read", "See test sets"),
    ("OR.TestSets.Write", "Add and change test sets"),
    ("OR.Users", "See and change users and roles"),
    ("OR.Users.Read", "See users and roles, and who you are"),
    ("OR.Users.Write", "Add and change users and roles"),
    ("OR.Webhooks", "See and change webhooks"),
    ("OR.Webhooks.Read", "See webhooks"),
    ("OR.Webhooks.Write", "Add and change webhooks"),
    // other UiPath services
    ("Audit.Read", "Read the organization's audit log"),
    ("ConversationalAgents", "Talk with conversational agents"),
    ("DataFabric.Data.Read", "Read records and files in Data Fabric"),
    ("DataFabric.Data.Write", "Add and change records and files in Data Fabric"),
    ("DataFabric.Schema.Read", "See how Data Fabric records are built"),
    ("Du.Classification.Api", "Sort documents by kind"),
    ("Du.DataDeletion.Api", "Delete documents sent for reading"),
    ("Du.Digitization.Api", "Turn documents into text"),
    ("Du.Extraction.Api", "Read values out of documents"),
    ("Du.Validation.Api", "Check values read from documents"),
    ("IS.Connections.Read", "See connections to other services"),
    ("IS.Connectors.Read", "See which services can be connected"),
    ("Insights", "See dashboards"),
    ("Insights.RealTimeData", "See live dashboard figures"),
    ("PIMS", "See and manage Maestro processes"),
    ("PM.Audit", "See the organization's audit log"),
    ("PM.Audit.Read", "See the organization's audit log"),
    ("PM.Group", "See and change groups"),
    ("PM.Group.Read", "See groups"),
    ("PM.Group.Write", "Add and change groups"),
    ("PM.License", "See and change the organization's licences"),
    ("PM.License.Read", "See the organization's licences"),
    ("PM.License.Write", "Change the organization's licences"),
    ("PM.OAuthApp", "Manage external applications"),
    ("PM.RobotAccount", "See and change robot accounts"),
    ("PM.RobotAccount.Read", "See robot accounts"),
    ("PM.RobotAccount.Write", "Add and change robot accounts"),
    ("PM.Setting", "See and change the organization's settings"),
    ("PM.Setting.Read", "See the organization's settings"),
    ("PM.Setting.Write", "Change the organization's settings"),
    ("PM.User", "See and change people in the organization"),
    ("PM.User.Read", "See people in the organization"),
    ("PM.User.Write", "Add and change people in the organization"),
    ("TM.TestCases", "See and change test cases in Test Manager"),
    ("TM.TestCases.Read", "See test cases in Test Manager"),
    ("TM.TestCases.Write", "Add and change test cases in Test Manager"),
    ("TM.TestExecutions", "See and change test runs in Test Manager"),
    ("TM.TestExecutions.Read", "See test runs in Test Manager"),
    ("TM.TestExecutions.Write", "Add and change test runs in Test Manager"),
    ("Traces.Api", "See and add traces of agents"),
    // OpenID Connect Core §5.4 and §11
    ("address", "See your postal address"),
    ("email", "See your e-mail address"),
    ("offline_access", "Stay signed in after the first hour"),
    ("openid", "Know who signed in"),
    ("phone", "See your phone number"),
    ("profile", "See your name"),
];

/// Audiences of UiPath's own programs: an external application that asks for one gets `invalid_scope`.
const FIRST_PARTY: &[&str] = &[
    "AITL.Audit.Export",
    "AT.TrackOperations",
    "AiFabric",
    "AutopilotForEveryone",
    "ConnectionService",
    "ConnectionServiceUser",
    "DataService",
    "DataServiceApiUserAccess",
    "Directory",
    "Docs.GPT.Search",
    "DocumentUnderstanding",
    "Du.AiProxy",
    "Du.Metering",
    "Du.Storage.PresignedUrl",
    "Du.Training.Service",
    "EnterpriseContextService",
    "IdentityServerApi",
    "LLMGateway",
    "LLMOps",
    "OMS",
    "Orchestrator",
    "OrchestratorApiUserAccess",
    "ProcessMining",
    "RCS.TagsManagement",
    "ReferenceToken",
    "Reinfer",
    "Relay.Service",
    "Robot.Local",
    "StudioWebBackend",
];

/// The scope that takes all rights of the person's roles.
const EVERYTHING: &str = "OR.Default";

/// Beyond this many characters some identity servers refuse the request; it is a library's default, not a rule.
const LONG: usize = 300;

/// What `name` lets a program do; none if there is no description for it.
pub fn words(name: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == name).map(|(_, words)| *words)
}

/// Whether `name` gives everything the person may do, the opposite of least scope.
pub fn is_everything(name: &str) -> bool {
    name == EVERYTHING
}

/// Whether `name` is a scope at all (RFC 6749 §3.3): visible ASCII without quotation mark and backslash.
pub fn is_valid(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// The scope that includes `name`: `OR.Jobs` for `OR.Jobs.Read`. APIs accept it in place of its child; the sign-in
/// does not, every name asked for there must be registered letter by letter.
pub fn parent(name: &str) -> Option<&str> {
    name.strip_suffix(".Read").or_else(|| name.strip_suffix(".Write")).filter(|parent| parent.contains('.'))
}

/// Whether somebody who was granted `granted` may do what `asked` names.
pub fn covers(granted: &[String], asked: &str) -> bool {
    granted.iter().any(|have| {
        have == asked
            || parent(asked).is_some_and(|parent| parent == have)
            || (is_everything(have) && asked.starts_with("OR."))
    })
}

/// Things worth a second look in a list of UiPath scopes; none of them stops anybody.
pub fn warnings(scopes: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, name) in scopes.iter().enumerate() {
        if scopes.iter().take(index).any(|earlier| earlier == name) {
            found.push(format!("{name} is listed twice."));
        }
        if let Some(parent) = parent(name)
            && scopes.iter().any(|other| other == parent)
        {
            found.push(format!(
                "{parent} already includes {name}. Both must be registered, or leave one out."
            ));
        }
        if FIRST_PARTY.contains(&name.as_str()) {
            found.push(format!("{name} is for UiPath's own programs; the sign-in will probably be refused."));
        }
    }
    if !scopes.iter().any(|name| name == "offline_access") {
        found.push(
            "offline_access is missing: without it you will be asked to sign in every hour.".to_owned(),
        );
    }
    let length = scopes.iter().map(|name| name.len() + 1).sum::<usize>().saturating_sub(1);
    if length > LONG {
        found.push(format!("The scopes are {length} characters long; some servers accept only {LONG}."));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_catalogue_is_in_order_and_short() {
        for (index, (name, words)) in WORDS.iter().enumerate() {
            assert!(is_valid(name), "{name}");
            assert!(words.len() <= 52, "{name}: {words}");
            assert!(!words.ends_with('.'), "{name}");
            assert!(!WORDS[..index].iter().any(|(other, _)| other == name), "{name} twice");
        }
        assert_eq!(words("OR.Queues.Write"), Some("Add and change queue items"));
        assert_eq!(words("OR.queues.write"), None, "names are compared letter by letter");
    }

    #[test]
    fn a_parent_does_what_its_children_do_and_not_the_other_way() {
        let granted = list(&["OR.Jobs", "OR.Queues.Read"]);
        for asked in ["OR.Jobs", "OR.Jobs.Read", "OR.Jobs.Write", "OR.Queues.Read"] {
            assert!(covers(&granted, asked), "{asked}");
        }
        for asked in ["OR.Queues", "OR.Queues.Write", "OR.JobsX.Read", "OR", "", "or.jobs"] {
            assert!(!covers(&granted, asked), "{asked}");
        }
        assert!(covers(&list(&["OR.Default"]), "OR.Assets.Read"));
        assert!(!covers(&list(&["OR.Default"]), "PM.User.Read"));
        assert!(!covers(&list(&["Audit"]), "Audit.Read"), "Audit.Read is a name of its own");
    }

    #[test]
    fn b12_289_lists_are_looked_at_and_names_checked() {
        let fine = list(&["openid", "offline_access", "OR.Folders.Read"]);
        assert_eq!(warnings(&fine), Vec::<String>::new());
        for (scopes, expected) in [
            (vec!["offline_access", "OR.Jobs", "OR.Jobs.Read"], "OR.Jobs already includes OR.Jobs.Read"),
            (vec!["offline_access", "OR.Jobs", "OR.Jobs"], "OR.Jobs is listed twice"),
            (vec!["OR.Jobs"], "every hour"),
            (vec!["offline_access", "IdentityServerApi"], "UiPath's own programs"),
        ] {
            let found = warnings(&list(&scopes));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(expected), "{found:?}");
        }
        let many: Vec<String> = (0..40).map(|n| format!("OR.Scope{n}")).chain(fine).collect();
        assert!(warnings(&many).iter().any(|w| w.contains("characters long")));
        for bad in ["", "OR Jobs", "OR.Jobs\"", "OR\\Jobs", "OR.Jöbs", "OR.Jobs\n"] {
            assert!(!is_valid(bad), "{bad:?}");
        }
        assert!(is_valid("https://graph.example/User.Read"));
    }
}
