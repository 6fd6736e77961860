//! Rules about the source tree that no compiler holds.

mod architecture;
mod surface;
