//! Attendant's window program. Everything it does begins in [`attendant_desktop::start`].

/// Freed memory is wiped, because the tokens pass through libraries that do not wipe it themselves (invariant 13).
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> std::process::ExitCode {
    attendant_desktop::start::main()
}
