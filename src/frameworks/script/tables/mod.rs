//! What libraries of tables share: names they derive, SQL they print, the steps a function takes, and the driver a package declares.

pub mod driver;
pub mod found;
pub mod inline;
pub mod naming;
pub mod options;
pub mod plural;
pub mod sql;
pub mod steps;
pub mod ups;
