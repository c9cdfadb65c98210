//! Rust's primitives and standard library, and the plain shape of structs and enums.
//!
//! What attributes say (renaming, tagging, defaults) is its readers' business.

use serde_json::Value;

use super::Types;
use crate::base::code::{Class, ClassKind, Field, Type, Variant};
use crate::facts::program::{ClassRef, Mode, Site};
use crate::facts::shape::{Member, Record, Shape};

impl Types<'_> {
    /// A type of the language or its standard library by its dotted path; [`Shape::Any`] for what is not known.
    pub(super) fn rust(&self, path: &str, args: &[Type], site: &Site, mode: Mode) -> Shape {
        let (root, name) = (path.split('.').next().unwrap_or_default(), path.rsplit('.').next().unwrap_or_default());
        if !matches!(root, "builtins" | "std" | "core" | "alloc" | "primitive") {
            return Shape::Any;
        }
        match name {
            "u32" => Shape::Int.with("format", "int32").with("minimum", 0),
            "u64" => Shape::Int.with("format", "int64").with("minimum", 0),
            "u8" | "u16" | "u128" | "usize" => Shape::Int.with("minimum", 0),
            "i32" => Shape::Int.with("format", "int32"),
            "i64" => Shape::Int.with("format", "int64"),
            "i8" | "i16" | "i128" | "isize" => Shape::Int,
            "NonZeroU8" | "NonZeroU16" | "NonZeroU32" | "NonZeroU64" | "NonZeroUsize" => Shape::Int.with("minimum", 1),
            "NonZeroI8" | "NonZeroI16" | "NonZeroI32" | "NonZeroI64" | "NonZeroIsize" => Shape::Int,
            "AtomicBool" | "bool" => Shape::Bool,
            "AtomicU32" | "AtomicU64" | "AtomicUsize" => Shape::Int.with("minimum", 0),
            "AtomicI32" | "AtomicI64" | "AtomicIsize" => Shape::Int,
            "f32" => Shape::Number.with("format", "float"),
            "f64" => Shape::Number.with("format", "double"),
            "char" | "String" | "str" | "OsString" | "OsStr" | "CString" => Shape::Text(None),
            "Path" | "PathBuf" => Shape::Text(None),
            "IpAddr" => Shape::format("ip"),
            "Ipv4Addr" => Shape::format("ipv4"),
            "Ipv6Addr" => Shape::format("ipv6"),
            "SocketAddr" | "SocketAddrV4" | "SocketAddrV6" => Shape::Text(None),
            "Duration" => whole_and_nanos("secs", "nanos"),
            "SystemTime" => whole_and_nanos("secs_since_epoch", "nanos_since_epoch"),
            "Option" => self.first(args, site, mode).or_null(),
            "Vec" | "VecDeque" | "LinkedList" | "BinaryHeap" => self.first(args, site, mode).list(),
            "HashSet" | "BTreeSet" => self.first(args, site, mode).list().with("uniqueItems", true),
            "HashMap" | "BTreeMap" => Shape::Map(Box::new(self.nth(args, 1, site, mode))),
            "Box" | "Arc" | "Rc" | "Cow" | "RefCell" | "Cell" | "Mutex" | "RwLock" | "Result" | "Wrapping" | "Reverse" | "Saturating"
            | "Pin" | "Weak" | "OnceLock" | "LazyLock" => self.first(args, site, mode),
            "PhantomData" => Shape::Null,
            "Infallible" | "!" => Shape::Never,
            _ => Shape::Any,
        }
    }

    /// A struct or enum as it is declared.
    pub(super) fn rust_class(&self, class: ClassRef, mode: Mode) -> Shape {
        let declared = self.class(class);
        let site = Site::of_scope(class.file, declared.inner);
        match declared.kind {
            ClassKind::Enum => self.rust_enum(&site, declared, mode),
            ClassKind::TupleStruct => self.rust_tuple(&site, &declared.fields, mode),
            _ => {
                let mut record = self.rust_record(&site, &declared.fields, mode);
                record.doc = declared.doc.clone();
                Shape::Record(Box::new(record))
            }
        }
    }

    fn rust_record(&self, site: &Site, fields: &[Field], mode: Mode) -> Record {
        let members = fields
            .iter()
            .map(|field| {
                let shape = self.written(site, &field.ty, mode);
                let required = !shape.is_nullable();
                Member { name: field.name.clone(), shape, required, doc: field.doc.clone(), ..Member::default() }
            })
            .collect();
        Record { members, ..Record::default() }
    }

    fn rust_tuple(&self, site: &Site, fields: &[Field], mode: Mode) -> Shape {
        match fields {
            [] => Shape::Null,
            [only] => self.written(site, &only.ty, mode),
            fields => Shape::Tuple(fields.iter().map(|field| self.written(site, &field.ty, mode)).collect()),
        }
    }

    /// Names when no variant holds anything; else objects with the variant's name as their one key.
    fn rust_enum(&self, site: &Site, declared: &Class, mode: Mode) -> Shape {
        let name_of = |variant: &Variant| Value::from(variant.name.as_str());
        let (empty, full): (Vec<&Variant>, Vec<&Variant>) = declared.variants.iter().partition(|variant| variant.fields.is_empty());
        let names = (!empty.is_empty()).then(|| Shape::Enum(empty.into_iter().map(name_of).collect()));
        let tagged = full.into_iter().map(|variant| {
            let held = if variant.is_tuple {
                self.rust_tuple(site, &variant.fields, mode)
            } else {
                Shape::Record(Box::new(self.rust_record(site, &variant.fields, mode)))
            };
            let member = Member { doc: variant.doc.clone(), ..Member::required(variant.name.clone(), held) };
            Shape::Record(Box::new(Record { members: vec![member], rest: Some(Shape::Never), doc: None }))
        });
        let mut shapes: Vec<Shape> = names.into_iter().chain(tagged).collect();
        let shape = if shapes.len() < 2 { shapes.pop().unwrap_or(Shape::Never) } else { Shape::OneOf(shapes, None) };
        match &declared.doc {
            Some(doc) => shape.with("description", doc.as_str()),
            None => shape,
        }
    }
}

fn whole_and_nanos(whole: &str, nanos: &str) -> Shape {
    let count = || Shape::Int.with("minimum", 0);
    Shape::record(vec![Member::required(whole, count()), Member::required(nanos, count())])
}
