//! Where bytes land before they are known to be frames.

use std::cell::RefCell;

pub(super) fn with_scratch<T>(read: impl FnOnce(&mut [u8]) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| read(scratch))
}

thread_local! {
    /// One for each thread and not for each link, since nothing stays in it between two polls.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; CHUNK].into_boxed_slice());
}

const CHUNK: usize = 64 * 1024;
