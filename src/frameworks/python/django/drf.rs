//! What one operation of Django REST framework takes and gives.

use super::viewsets::Action;
use crate::base::Name;
use crate::facts::finding::Route;
use crate::facts::program::{ClassRef, Program};

/// Fills in what a view's class and the action's method say.
pub fn describe(_program: &dyn Program, _class: ClassRef, _name: &Name, _action: &Action, _route: &mut Route) {}

/// The same for a function under `@api_view`.
pub fn describe_function(_program: &dyn Program, _function: crate::facts::program::FuncRef, _route: &mut Route) {}
