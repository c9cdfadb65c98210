//! TypeORM: what repositories, query builders and active records give back.
//!
//! `await getRepository(User).findOneOrFail(…)` is a `User`. Read from TypeORM 0.3 (`typeorm.io/repository-api`). Columns that a query
//! selects are not followed.

use crate::base::code::{Expr, Type};
use crate::facts::framework::TypeReader;
use crate::facts::program::{CallRef, ClassRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;

/// Types whose first argument is an entity.
const REPOSITORIES: &[&str] = &["typeorm.Repository", "typeorm.TreeRepository", "typeorm.MongoRepository", "typeorm.SelectQueryBuilder"];
/// The longest chain that is gone through.
const MAX_LINKS: usize = 64;

/// What a method gives.
#[derive(Clone, Copy)]
enum Gives {
    One,
    OneOrNull,
    Many,
    ManyAndCount,
    Saved,
    Count,
    Truth,
}

fn gives(method: &str) -> Option<Gives> {
    Some(match method {
        "findOneOrFail" | "findOneByOrFail" | "getOneOrFail" | "preload" | "merge" => Gives::One,
        "findOne" | "findOneBy" | "getOne" | "findOneById" => Gives::OneOrNull,
        "find" | "findBy" | "getMany" | "findByIds" | "findTrees" => Gives::Many,
        "findAndCount" | "findAndCountBy" | "getManyAndCount" => Gives::ManyAndCount,
        "save" | "create" | "remove" | "softRemove" | "recover" => Gives::Saved,
        "count" | "countBy" | "getCount" => Gives::Count,
        "exists" | "exist" | "existsBy" | "getExists" => Gives::Truth,
        _ => return None,
    })
}

/// Reads what repositories give.
pub struct Reader;

impl TypeReader for Reader {
    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        let Expr::Call(id) = expr else { return None };
        let call = program.file(site.file).outline.call(*id);
        let (receiver, method) = call.method()?;
        let gives = gives(method)?;
        let entity = entity(program, site, receiver, mode)?;
        Some(match gives {
            Gives::One => entity,
            Gives::OneOrNull => entity.or_null(),
            Gives::Many => entity.list(),
            Gives::ManyAndCount => Shape::Tuple(vec![entity.list(), Shape::Int]),
            Gives::Count => Shape::Int,
            Gives::Truth => Shape::Bool,
            Gives::Saved => {
                let is_list = call.positional(0).is_some_and(|given| matches!(program.shape_of_value(site, given, mode), Shape::List(_)));
                if is_list { entity.list() } else { entity }
            }
        })
    }
}

/// The entity that a repository, query builder or active record is about.
pub fn entity(program: &dyn Program, site: &Site, receiver: &Expr, mode: Mode) -> Option<Shape> {
    let mut here = receiver;
    for _ in 0..MAX_LINKS {
        if let Some(found) = of_type(program, site, here, mode) {
            return Some(found);
        }
        match program.produce(site, here) {
            Meaning::Class(class) | Meaning::Instance(class) => return of_class(program, class, mode),
            Meaning::Value(Expr::Call(id), at) => {
                if let Some(found) = of_call(program, &at, CallRef { file: at.file, id: *id }, mode) {
                    return Some(found);
                }
                if let Expr::Call(own) = here {
                    // `repository.createQueryBuilder("user").where(…)`.
                    here = program.file(site.file).outline.call(*own).method()?.0;
                    continue;
                }
                let (next, _) = program.file(at.file).outline.call(*id).method()?;
                return entity_below(program, &at, next, mode);
            }
            _ => {
                let Expr::Call(own) = here else { return None };
                here = program.file(site.file).outline.call(*own).method()?.0;
            }
        }
    }
    None
}

/// As `entity`, for the chain a name is bound to: its links are walked without looking at further names.
fn entity_below(program: &dyn Program, site: &Site, receiver: &Expr, mode: Mode) -> Option<Shape> {
    let mut here = receiver;
    for _ in 0..MAX_LINKS {
        if let Some(found) = of_type(program, site, here, mode) {
            return Some(found);
        }
        if let Meaning::Value(Expr::Call(id), at) = program.produce(site, here)
            && let Some(found) = of_call(program, &at, CallRef { file: at.file, id: *id }, mode)
        {
            return Some(found);
        }
        let Expr::Call(id) = here else { return None };
        here = program.file(site.file).outline.call(*id).method()?.0;
    }
    None
}

/// `private users: Repository<User>`.
fn of_type(program: &dyn Program, site: &Site, receiver: &Expr, mode: Mode) -> Option<Shape> {
    let (ty, at) = program.type_of(site, receiver)?;
    let Type::Named(named) = ty else { return None };
    if !program.resolve_type(&at, ty).is_any(REPOSITORIES) {
        return None;
    }
    let shape = program.shape_of_type(&at, named.args.first()?, mode);
    program.record(&shape).map(|_| shape)
}

/// `getRepository(User)`, `dataSource.getRepository(User)`, `manager.getTreeRepository(User)`.
fn of_call(program: &dyn Program, site: &Site, call: CallRef, mode: Mode) -> Option<Shape> {
    let made = program.call(call);
    let name = made.callee.last_name()?;
    if !matches!(name.as_str(), "getRepository" | "getTreeRepository" | "getMongoRepository") {
        return None;
    }
    let class = program.resolve(site, made.positional(0)?).class()?;
    Some(program.shape_of_class(class, Vec::new(), mode))
}

/// `class User extends BaseEntity`: `User.find()`, `user.save()`; `class Users extends Repository<User>`.
fn of_class(program: &dyn Program, class: ClassRef, mode: Mode) -> Option<Shape> {
    let bases = program.outside_bases(class);
    if bases.iter().any(|base| base == "typeorm.BaseEntity") {
        return Some(program.shape_of_class(class, Vec::new(), mode));
    }
    for class in program.lineage(class) {
        let site = program.inside_class(class);
        for base in &program.class(class).bases {
            if program.resolve_type(&site, base).is_any(REPOSITORIES) {
                return base.args().first().map(|entity| program.shape_of_type(&site, entity, mode));
            }
        }
    }
    None
}
