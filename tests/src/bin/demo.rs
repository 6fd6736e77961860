//! The demo. Under construction.
fn main() {}
