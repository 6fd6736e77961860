//! The practice tenant over real loopback connections. Case numbers (`b16_…`) are those of the project's security
//! catalogue, part B16.

#[cfg(test)]
mod authorize;
#[cfg(test)]
mod client;
#[cfg(test)]
mod control;
#[cfg(test)]
mod orchestrator;
#[cfg(test)]
mod program;
#[cfg(test)]
mod sign_out;
#[cfg(test)]
mod tokens;
