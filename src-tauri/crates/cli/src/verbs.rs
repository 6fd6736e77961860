//! One file per verb. Each takes the parsed arguments, asks the app, and prints what came back.

pub mod import;
pub mod open;
pub mod practice;
pub mod sign_in;
pub mod sign_out;
pub mod status;
pub mod token;
