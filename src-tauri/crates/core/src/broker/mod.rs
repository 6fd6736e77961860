//! How automations ask: [`listen`] accepts and speaks first, [`caller`] says who it is, [`policy`] judges, [`approval`]
//! asks the person, [`serve`] delivers.

pub mod approval;
pub mod caller;
pub mod identify;
mod interpreter;
pub mod listen;
pub mod policy;
mod process;
pub(crate) mod serve;

use crate::controller::Desk;
use crate::controller::command::BrokerCommand;
use crate::error::Problem;
use attendant_protocol::{Code, Nothing, Op, Reply};
use caller::Caller;
use serde::Serialize;
use zeroize::Zeroizing;

/// Answers one request as one line.
pub async fn answer(desk: &Desk, caller: Caller, op: Op) -> Zeroizing<Vec<u8>> {
    let caller = Box::new(caller);
    match op {
        Op::Token(ask) => line(desk.broker(|answer| BrokerCommand::Token(caller, ask, answer)).await),
        Op::Status { registration } => {
            line(desk.broker(|answer| BrokerCommand::Status(registration, answer)).await)
        }
        Op::SignIn(ask) => line(desk.broker(|answer| BrokerCommand::SignIn(ask, answer)).await),
        Op::SignOut(ask) => line(desk.broker(|answer| BrokerCommand::SignOut(caller, ask, answer)).await),
        Op::Import { text } => line(desk.broker(|answer| BrokerCommand::Import(caller, text, answer)).await),
        Op::Open => line(desk.broker(BrokerCommand::Open).await.map(|()| Nothing {})),
        Op::Unknown => line::<Nothing>(Err(Problem::new(
            Code::VersionUnsupported,
            "This release of Attendant does not know that operation.",
        ))),
    }
}

/// A result as a line of the protocol.
pub(crate) fn line<T: Serialize>(result: Result<T, Problem>) -> Zeroizing<Vec<u8>> {
    let reply = match result {
        Ok(result) => Reply::ok(result),
        Err(problem) => Reply::refused(problem.code, problem.message, problem.advice),
    };
    let mut line = Zeroizing::new(serde_json::to_vec(&reply).unwrap_or_else(|error| {
        tracing::error!(%error, "a reply could not be written");
        br#"{"v":1,"status":"error","code":"internal"}"#.to_vec()
    }));
    line.push(b'\n');
    line
}
