//! Questions that code leaves open, put to models: what is asked, of whom, what may leave, and which answers stand.
//!
//! The only room that knows the network. It knows no disk: what is kept and what is written down goes through
//! [`call::Shelf`] and [`call::Witness`].

pub mod audit;
pub mod call;
pub mod client;
pub mod consensus;
pub mod evidence;
pub mod ground;
pub mod orchestrate;
pub mod prompt;
pub mod prose;
pub mod provider;
pub mod routing;
pub mod secrets;
