//! Methods that a class inherits from a generic one: `class Cats extends Crud<Cat>`.

use crate::facts::members::{Filling, fill};
use crate::facts::program::{ClassRef, FuncRef, Mode, Program};
use crate::facts::shape::{Generic, TypeSource};

/// What the type parameters of the class that declares a method stand for in a class that inherits it.
#[must_use]
pub fn filling(program: &dyn Program, class: ClassRef, method: FuncRef, mode: Mode) -> Filling {
    let mut filling = Filling::new();
    for class in program.lineage(class) {
        if program.function(method).class == Some(class.id) && method.file == class.file {
            break;
        }
        let site = program.inside_class(class);
        for base in &program.class(class).bases {
            let Some(of) = program.resolve_type(&site, base).class() else { continue };
            for (param, arg) in program.class(of).type_params.iter().zip(base.args()) {
                let shape = fill(program.shape_of_type(&site, arg, mode), &filling);
                filling.push((TypeSource::Param(Generic::Class(of), param.name.clone()), shape));
            }
        }
    }
    filling
}
