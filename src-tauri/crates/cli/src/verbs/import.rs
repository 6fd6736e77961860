//! `attendant import`: sends a hand-off sheet. The app reads and judges it, and shows it to the person.

use crate::connect::{Connector, IN_THE_WINDOW};
use crate::exit::Failure;
use crate::out;
use attendant_protocol::{Code, ImportResult, MAX_LINE, Op};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;

/// Runs the verb.
pub fn run(connector: &Connector, file: &OsStr, json: bool) -> Result<(), Failure> {
    let text = read(file)?;
    let imported: ImportResult = connector.ask(&Op::Import { text }, None, IN_THE_WINDOW)?;
    if json {
        return out::json(&imported);
    }
    out::say(&format!("Imported {}.", imported.name));
    out::say(&format!("Sign in with: attendant sign-in {}", imported.id));
    Ok(())
}

fn read(file: &OsStr) -> Result<String, Failure> {
    let shown = file.display();
    let unreadable = |error: std::io::Error| Failure::Here {
        code: Code::SheetUnreadable,
        message: format!("{shown} could not be read: {error}."),
        advice: "Give the file of the hand-off sheet, or - and the sheet on standard input.".into(),
    };
    let mut bytes = Vec::new();
    // One byte more than fits, to tell a full sheet from one that is too large.
    let room = MAX_LINE as u64 + 1;
    if file == "-" {
        std::io::stdin().take(room).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        File::open(file).map_err(unreadable)?.take(room).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() > MAX_LINE {
        return Err(Failure::Here {
            code: Code::TooLarge,
            message: format!(
                "{shown} is larger than {} KiB, too large for a hand-off sheet.",
                MAX_LINE / 1024
            ),
            advice: "Give the hand-off sheet alone.".into(),
        });
    }
    String::from_utf8(bytes).map_err(|_| Failure::Here {
        code: Code::SheetUnreadable,
        message: format!("{shown} is not text."),
        advice: "Save the hand-off sheet as UTF-8 text: TOML, JSON, or the message it came in.".into(),
    })
}
